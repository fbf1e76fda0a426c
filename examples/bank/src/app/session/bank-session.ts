import { type AngularSession, injectSession } from '@latchkey/angular';

/** What the bank keeps of a person beside the user name. */
export interface Profile {
  readonly displayName: string;
  /** Another number with each picture; none without a picture. */
  readonly pictureVersion?: number;
}

/** The session with the bank's own profile. Call it where `inject` may be called. */
export type BankSession = AngularSession<Profile>;

/** Gives the session of this app, typed. Call it where `inject` may be called. */
export const injectBankSession = (): BankSession => injectSession<Profile>();
