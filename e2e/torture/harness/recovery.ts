import type { Call } from '../page/told.js';
import type { FaultKind } from './plan.js';
import { accessSeconds } from './target.js';

/** What really happened at once. Times by the machine's clock. */
export interface Storm {
  readonly begun: number;
  readonly ended: number;
  /** How often each kind really struck. */
  readonly struck: ReadonlyMap<FaultKind, number>;
}

/** How the tabs came out of a storm, in milliseconds from its end. */
export interface Recovery {
  /** Until each tab had made a call that succeeded. */
  readonly firstCall: number;
  /** Until in each tab calls succeeded without a wait again, and went on to. */
  readonly asBefore: number;
}

/** A call that takes longer has waited for a token. */
export const slow = 1000;

/** Whether every tab has made a successful call with a token that was issued after the storm. */
export const isOver = (ended: number, calls: readonly (readonly Call[])[]): boolean =>
  calls.every((ofTab) => ofTab.some((call) => call.outcome === 'ok' && issuedAt(call) >= ended));

const issuedAt = ({ expiresAt = 0 }: Call): number => expiresAt - accessSeconds * 1000;

/** Measures the recovery from a storm, up to the next; `undefined` where a tab made no successful call. */
export function recoveryFrom(ended: number, until: number, calls: readonly (readonly Call[])[]): Recovery | undefined {
  const ofTabs = calls.map((ofTab) =>
    recoveryOf(
      ended,
      ofTab.filter((call) => call.ended > ended && call.begun < until),
    ),
  );
  const known = ofTabs.filter((one) => one !== undefined);
  if (known.length < calls.length) return undefined;
  return {
    firstCall: Math.max(...known.map(({ firstCall }) => firstCall)),
    asBefore: Math.max(...known.map(({ asBefore }) => asBefore)),
  };
}

function recoveryOf(ended: number, calls: readonly Call[]): Recovery | undefined {
  const isGood = ({ outcome }: Call): boolean => outcome === 'ok';
  const hasWaited = (call: Call): boolean => call.ended - Math.max(call.begun, ended) > slow;
  const first = calls.find(isGood);
  const lastBad = calls.findLastIndex((call) => !isGood(call) || hasWaited(call));
  // The one that has waited and then succeeded is itself the sign that all is well again.
  const again = calls.slice(Math.max(0, lastBad)).find(isGood);
  return first && again && { firstCall: first.ended - ended, asBefore: again.ended - ended };
}

/** The longest time, in milliseconds, that passed in a tab from the begin of a failed call to the end of one that succeeded. */
export function longestWithout(calls: readonly (readonly Call[])[]): number {
  const lengths = calls.flatMap((ofTab) => {
    let from: number | undefined;
    return ofTab.flatMap((call) => {
      if (call.outcome !== 'ok') from ??= call.begun;
      else if (from !== undefined) {
        const length = call.ended - from;
        from = undefined;
        return [length];
      }
      return [];
    });
  });
  return Math.max(0, ...lengths);
}
