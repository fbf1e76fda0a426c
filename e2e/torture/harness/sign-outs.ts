import type { Exchange } from './refresh-log.js';
import type { Asked, Gone } from './tabs.js';

/** Why a strict server could not but end a session. */
export const unavoidable = [
  'the answer was lost on the way',
  'the server ended with the refresh in hand',
  'the tab was gone when the answer came',
  'two tabs refreshed at once, without Web Locks',
] as const;
export type Unavoidable = (typeof unavoidable)[number];

/** What is known of a run when its sign-outs are judged. */
export interface Evidence {
  readonly exchanges: readonly Exchange[];
  readonly asked: readonly Asked[];
  readonly gone: readonly Gone[];
  readonly locks: boolean;
}

/** A page that goes away this soon after an answer may not have kept it. */
const keeping = 1000;

/**
 * Finds why a strict server refused, at that time: one of the tokens that led to the refused one was presented twice. Gives
 * `undefined` where whoever presented it the second time should have had its successor.
 */
export function whyRefused(at: number, evidence: Evidence): Unavoidable | undefined {
  const before = evidence.exchanges.filter((one) => one.at <= at);
  const refused = before.findLast(({ served }) => served === 400 || served === 401);
  const parents = new Map(
    before.flatMap(({ issued, presented }) => (issued && presented ? [[issued, presented]] : [])),
  );
  for (let token = refused?.presented; token !== undefined; token = parents.get(token)) {
    const uses = before.filter(({ presented }) => presented === token);
    if (uses.length > 1) return judge(token, uses, evidence);
  }
  return undefined;
}

function judge(token: string, uses: readonly Exchange[], { asked, gone, locks }: Evidence): Unavoidable | undefined {
  const first = uses.find(({ issued, served }) => issued !== undefined || served === undefined);
  if (!first) return undefined;
  if (first.served === undefined) return 'the server ended with the refresh in hand';
  if (!first.arrived) return 'the answer was lost on the way';
  const askers = asked.filter((one) => one.token === token && one.at <= first.over);
  const left = ({ tab, at }: Asked): boolean =>
    gone.some((one) => one.tab === tab && one.at >= at && one.at <= first.over + keeping);
  if (askers.some(left)) return 'the tab was gone when the answer came';
  const isRace = uses.some((use) => use !== first && use.at <= first.over);
  return isRace && !locks ? 'two tabs refreshed at once, without Web Locks' : undefined;
}
