import type { Passed } from '@latchkey/example-shared';
import { toleranceSeconds } from './target.js';

/** A call for which the API itself took so long that its token may have ended on the way: the machine is too busy to be judged by. */
export interface Starved {
  readonly begun: number;
  readonly ended: number;
}

/** Gives the time of a call that was over too late though nothing was done to it. */
export function starvedBy({ at, end, fault, served }: Passed): Starved[] {
  const isLate = end !== undefined && end.milliseconds > toleranceSeconds * 1000;
  return isLate && fault === undefined && served !== undefined ? [{ begun: at, ended: at + end.milliseconds }] : [];
}

/** Whether anything of that kind happened in that time. */
export const isStarved = (starved: readonly Starved[], from: number, to: number): boolean =>
  starved.some(({ begun, ended }) => ended >= from && begun <= to);
