import { faultKinds } from './plan.js';
import { type Spread, type TortureResult } from './result.js';
import { unavoidable } from './sign-outs.js';

type Row = readonly (string | number)[];

const table = (head: Row, rows: readonly Row[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const names = { latchkey: 'Latchkey', django: 'Django SimpleJWT', 'oidc-provider': 'oidc-provider' };
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
const spreadOf = ({ count, median, most }: Spread): string =>
  count === 0 ? '' : `${seconds(median)} / ${seconds(most)}`;
const ratio = ({ requests, expiries }: TortureResult['refreshes']): string =>
  `${requests} / ${expiries} = ${(requests / expiries).toFixed(2)}`;

/** Writes runs as Markdown: what came of them, what really struck, and what was wrong. */
export function reportOf(results: readonly TortureResult[]): string {
  const titles = results.map(({ against, locks }) => `${names[against]}, ${locks ? 'Web Locks' : 'no Web Locks'}`);
  const rows = (read: (result: TortureResult) => string | number): Row => results.map(read);
  const outcomes = [...new Set(results.flatMap(({ calls }) => Object.keys(calls.failed)))].sort();
  const sums: Row[] = [
    ['sign-outs that could have been avoided', ...rows(({ signOuts }) => signOuts.avoidable)],
    ...unavoidable
      .filter((why) => results.some(({ signOuts }) => signOuts[why] > 0))
      .map((why) => [`unavoidable sign-outs: ${why}`, ...rows(({ signOuts }) => signOuts[why])]),
    ['401s that the app saw', ...rows(({ calls }) => calls.failed['status 401'] ?? 0)],
    ['calls that succeeded', ...rows(({ calls }) => calls.succeeded)],
    ...outcomes
      .filter((outcome) => outcome !== 'status 401')
      .map((outcome) => [`calls that failed: ${outcome}`, ...rows(({ calls }) => calls.failed[outcome] ?? 0)]),
    ['longest time without a successful call in a tab', ...rows((result) => seconds(result.longestWithout))],
    [
      'from the end of the faults to a successful call in every tab (median / most)',
      ...rows((r) => spreadOf(r.firstCall)),
    ],
    ['… to calls without a wait in every tab (median / most)', ...rows((r) => spreadOf(r.asBefore))],
    ['refreshes per expiry', ...rows(({ refreshes }) => ratio(refreshes))],
    ['refreshes per expiry while nothing is broken', ...rows((r) => ratio(r.refreshesInCalm))],
    ['answers that the server repeated, by its log', ...rows(({ log }) => log['repeat'] ?? '')],
    ['calls that the machine was too busy for', ...rows(({ starved }) => starved)],
    [
      'tabs reloaded / closed and opened / hidden',
      ...rows(({ treated: t }) => `${t.reloaded} / ${t.reopened} / ${t.hidden}`),
    ],
    ['length, storms, tabs, seed', ...rows((r) => `${r.seconds} s, ${r.storms}, ${r.tabs}, ${r.seed}`)],
  ];
  const faults = faultKinds.map((kind) => [
    kind,
    ...results.flatMap((r) => [r.faults[kind].struck, spreadOf(r.faults[kind].recovery)]),
  ]);
  const problems = results.flatMap((result, index) =>
    result.problems.map((problem) => `- ${titles[index] ?? ''}: ${problem}`),
  );
  return [
    table(['', ...titles], sums),
    table(
      ['fault', ...titles.flatMap((title) => [`${title}: struck`, 'calls without a wait again (median / most)'])],
      faults,
    ),
    problems.length === 0 ? 'Nothing was wrong.' : `Wrong:\n\n${problems.join('\n')}`,
  ].join('\n\n');
}
