import type { Session, Snapshot } from '@latchkey/client';

/** What the demo keeps of a person beside the user name. */
export interface Profile {
  readonly displayName?: string;
  /** Changes with each uploaded picture, so that every tab loads the new one; the picture itself is at the API. */
  readonly picture?: string;
}

export type DemoSession = Session<Profile>;
export type DemoSnapshot = Snapshot<Profile>;

/** A part of the page: shows what the session is now. Called at each transition, and once a second. */
export type Show = (snapshot: DemoSnapshot) => void;
