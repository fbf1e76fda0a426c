import type { Context } from './tab.js';
import type { World } from './world.js';

/** Something that may happen next, and how. */
export interface Possible {
  readonly event: string;
  readonly happen: (world: World, context: Context) => World;
  readonly isFault?: boolean;
}

/** Marks events as faults: a walk takes them now and then. */
export const asFaults = (events: readonly Possible[]): Possible[] =>
  events.map((event) => ({ ...event, isFault: true }));

/** An event that is possible at times. */
export const when = (may: boolean, event: string, happen: Possible['happen']): Possible[] =>
  may ? [{ event, happen }] : [];
