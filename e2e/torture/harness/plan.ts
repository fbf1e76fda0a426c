import type { Draw } from '../../kill/harness/moments.js';

/** What is done to the world, by kind. */
export const faultKinds = [
  'request dropped',
  'answer dropped',
  'answer cut short',
  'answered 503',
  'answered 429',
  'request delayed',
  'answer too late',
  'token refused',
  'no network',
  'server restarted',
  'server killed',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One fault, with everything about it that is random. Times in milliseconds. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** From the beginning of the storm. */
  readonly after: number;
  /** How many refreshes it is to strike; of no meaning for what strikes everybody. */
  readonly times: number;
  /** How long it lasts, of what lasts. */
  readonly lasts: number;
  /** Seconds of `Retry-After`. */
  readonly retryAfter: number;
  /** Waits for a refresh and strikes so long after it came, while the server is at work; else at any moment. */
  readonly behindRefresh: number | undefined;
}

/** What comes at once, or nearly. */
export type PlannedStorm = readonly PlannedFault[];

/** Plans storms of one to three faults without end, in which every kind comes as often as any other. */
export function* planStorms(draw: Draw): Generator<PlannedStorm, never> {
  let bag: FaultKind[] = [];
  const next = (): FaultKind => {
    if (bag.length === 0) bag = [...faultKinds];
    return bag.splice(draw(bag.length), 1)[0] ?? 'no network';
  };
  for (;;) {
    const size = [1, 1, 2, 2, 3, 3][draw(6)] ?? 1;
    yield Array.from({ length: size }, () => planFault(next(), draw));
  }
}

const planFault = (kind: FaultKind, draw: Draw): PlannedFault => ({
  kind,
  after: draw(1500),
  times: [1, 1, 1, 1, 2, 3][draw(6)] ?? 1,
  lasts: 200 + draw(1500),
  retryAfter: 1 + draw(2),
  behindRefresh: draw(2) === 0 ? draw(15) : undefined,
});
