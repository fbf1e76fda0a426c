import { epochSeconds } from '@latchkey/protocol';
import type { Clock, Store, UserRow } from '@latchkey/server';

/** The customer that the demo begins with, as the token server's store has her: whoever plays may change her password. */
export interface DemoCustomer {
  /** Whether the password that the demo gave her is still hers. */
  hasFirstPassword(): Promise<boolean>;
  /** Ends all her sessions, as the token server does when she asks for it on another device. Needs no password. */
  signOutEverywhere(): Promise<void>;
}

/** Finds the customer of this name. */
export function demoCustomer(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  username: string,
): DemoCustomer {
  const find = async (): Promise<UserRow> => {
    const row = await store.users.findByName(username);
    if (!row) throw new Error(`The demo's customer ${username} is not in the database.`);
    return row;
  };
  return {
    // Sign-up begins at 0, and a new password raises it; a stronger hash of the same password does not.
    hasFirstPassword: async () => (await find()).credentialVersion === 0,
    async signOutEverywhere() {
      const now = epochSeconds(Math.floor(clock.now() / 1000));
      await store.sessions.revokeAll((await find()).id, 'signed_out_everywhere', now);
    },
  };
}
