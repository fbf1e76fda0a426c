import type { Call } from '../page/told.js';
import { type FaultKind, faultKinds } from './plan.js';
import { type Storm, longestWithout, recoveryFrom, slow } from './recovery.js';
import type { Exchange } from './refresh-log.js';
import { type Unavoidable, unavoidable, whyRefused } from './sign-outs.js';
import { type Starved, isStarved } from './starved.js';
import type { SignedOut, Tabs } from './tabs.js';
import type { TargetName } from './target.js';

/** How a run was made. */
export interface TortureChoices {
  readonly against: TargetName;
  readonly locks: boolean;
  readonly tabs: number;
  readonly seed: string;
}

/** A session that ended; one, however many tabs were told. */
export interface Loss {
  readonly at: number;
  /** When the person was signed in again. */
  readonly until: number;
  readonly told: readonly SignedOut[];
}

/** All that a run has left. */
export interface Traces {
  readonly choices: TortureChoices;
  readonly isStrict: boolean;
  readonly began: number;
  readonly ended: number;
  readonly storms: readonly Storm[];
  readonly losses: readonly Loss[];
  readonly exchanges: readonly Exchange[];
  readonly tabs: Tabs;
  readonly log: Readonly<Record<string, number>>;
  readonly starved: readonly Starved[];
}

/** Median and worst, in milliseconds. */
export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly most: number;
}

/** What a run has come to: plain data. */
export interface TortureResult extends TortureChoices {
  readonly seconds: number;
  readonly treated: Tabs['treated'];
  readonly storms: number;
  readonly faults: Readonly<Record<FaultKind, { readonly struck: number; readonly recovery: Spread }>>;
  readonly firstCall: Spread;
  readonly asBefore: Spread;
  readonly refreshes: { readonly requests: number; readonly expiries: number };
  /** The same where nothing was broken and everybody had recovered. */
  readonly refreshesInCalm: { readonly requests: number; readonly expiries: number };
  readonly calls: { readonly succeeded: number; readonly failed: Readonly<Record<string, number>> };
  /** The longest time without a successful call in a tab. */
  readonly longestWithout: number;
  readonly signOuts: Readonly<Record<Unavoidable | 'avoidable', number>>;
  readonly log: Readonly<Record<string, number>>;
  /** Calls that the machine was too busy for: what happened meanwhile is no problem, but for a sign-out. */
  readonly starved: number;
  /** Why the run has failed; empty if it has not. */
  readonly problems: readonly string[];
}

/** All tabs must be as before so soon after the end of a storm: as long as a tab waits for another one's refresh. */
export const recoveryBound = 15_000;

/** Draws the sum. */
export function sumUp(traces: Traces): TortureResult {
  const { choices, began, ended, storms, tabs, exchanges, log } = traces;
  const recoveries = recoveriesOf(traces);
  const known = recoveries.flatMap(({ recovery }) => recovery ?? []);
  const why = traces.losses.map((loss) => judge(loss, traces));
  const outcomes = countBy(tabs.calls.flat().map(({ outcome }) => outcome));
  const { ok: succeeded = 0, ...failed } = outcomes;
  return {
    ...choices,
    seconds: Math.round((ended - began) / 1000),
    treated: tabs.treated,
    storms: storms.length,
    faults: faultsOf(recoveries),
    firstCall: spread(known.map(({ firstCall }) => firstCall)),
    asBefore: spread(known.map(({ asBefore }) => asBefore)),
    refreshes: perExpiry(exchanges),
    refreshesInCalm: perExpiry(
      exchanges.filter(({ at }) => recoveries.some((one) => at > one.calmFrom && at < one.next)),
    ),
    calls: { succeeded, failed },
    longestWithout: longestWithout(tabs.calls),
    signOuts: { ...zero(unavoidable), avoidable: 0, ...countBy(why.map((one) => one ?? 'avoidable')) },
    log,
    starved: traces.starved.length,
    problems: [...problemsOf(traces), ...unrecovered(recoveries, traces), ...avoidable(traces, why)],
  };
}

type Judged = Storm & { next: number; calmFrom: number; recovery: ReturnType<typeof recoveryFrom>; hasLoss: boolean };

function recoveriesOf({ storms, losses, ended, tabs }: Traces): Judged[] {
  return storms.map((storm, index) => {
    const next = storms[index + 1]?.begun ?? ended;
    const hasLoss = losses.some(({ at, until }) => until > storm.begun && at < next);
    const recovery = hasLoss ? undefined : recoveryFrom(storm.ended, next, tabs.calls);
    return { ...storm, next, hasLoss, recovery, calmFrom: recovery ? storm.ended + recovery.asBefore : Infinity };
  });
}

function faultsOf(recoveries: readonly Judged[]): TortureResult['faults'] {
  const entries = faultKinds.map((kind) => {
    const own = recoveries.filter(({ struck }) => (struck.get(kind) ?? 0) > 0);
    const struck = own.reduce((sum, one) => sum + (one.struck.get(kind) ?? 0), 0);
    return [kind, { struck, recovery: spread(own.flatMap(({ recovery }) => recovery?.asBefore ?? [])) }];
  });
  return Object.fromEntries(entries) as TortureResult['faults'];
}

const perExpiry = (exchanges: readonly Exchange[]): { requests: number; expiries: number } => ({
  requests: exchanges.length,
  expiries: new Set(exchanges.flatMap(({ issued }) => issued ?? [])).size,
});

/** Why a session ended, if nothing could be done about it. Ours can always do something. */
const judge = ({ at, told }: Loss, { isStrict, exchanges, tabs, choices }: Traces): Unavoidable | undefined =>
  isStrict && told.every(({ reason }) => reason === 'refused' || reason === 'elsewhere')
    ? whyRefused(at, { exchanges, asked: tabs.asked, gone: tabs.gone, locks: choices.locks })
    : undefined;

function avoidable({ losses, began }: Traces, why: readonly (Unavoidable | undefined)[]): string[] {
  return losses.flatMap(({ at, told }, index) => {
    const [first] = told;
    const timeline = first?.timeline.slice(-20).map(({ type, reason = '' }) => `${type} ${reason}`.trim());
    const what = `Signed out at ${seconds(at - began)} s (${first?.reason ?? ''}), which was avoidable: ${timeline?.join(', ') ?? ''}`;
    return why[index] === undefined ? [what] : [];
  });
}

const unrecovered = (recoveries: readonly Judged[], { starved }: Traces): string[] =>
  recoveries.flatMap(({ recovery, hasLoss, struck, ended, next }) => {
    if (hasLoss || (recovery && recovery.asBefore <= recoveryBound)) return [];
    if (isStarved(starved, ended, next)) return [];
    const what = [...struck.keys()].join(', ');
    return [
      `After ${what}, not all tabs were as before within ${seconds(recoveryBound)} s: ${seconds(recovery?.asBefore ?? Infinity)} s.`,
    ];
  });

/** Calls that failed though nothing was broken, and what an app must never see. */
function problemsOf({ storms, losses, tabs, began, starved }: Traces): string[] {
  const isExcused = ({ begun, ended }: Call): boolean =>
    storms.some((storm) => ended >= storm.begun && begun <= storm.ended + recoveryBound);
  const isAfterLoss = ({ begun, ended }: Call): boolean =>
    losses.some(({ at, until }) => ended >= at - slow && begun <= until + slow);
  const isBad = ({ begun, ended, outcome }: Call): boolean => outcome !== 'ok' && !isStarved(starved, begun, ended);
  const bad = tabs.calls.flat().filter(isBad);
  const passing = ['ERR_NETWORK', 'ERR_TIMEOUT', 'ERR_SERVER', 'ERR_THROTTLED', 'TypeError'];
  const unexpected = bad.filter((call) => !isAfterLoss(call) && !(passing.includes(call.outcome) && isExcused(call)));
  return [
    ...unexpected.map(({ outcome, begun, ended, timeline }) => {
      const events = timeline.map(({ at, type, reason = '' }) => `${seconds(at - began)} ${type} ${reason}`.trim());
      return `A call at ${seconds(begun - began)} s got ${outcome} after ${seconds(ended - begun)} s: ${events.join(', ')}`;
    }),
    ...tabs.errors.map((message) => `Nobody caught in a page: ${message}`),
  ];
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);

const zero = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { count: sorted.length, median: sorted[Math.floor(sorted.length / 2)] ?? 0, most: sorted.at(-1) ?? 0 };
}
