import { randomUUID } from 'node:crypto';
import type { AuthServer, Store } from '@latchkey/server';

/** An account that a demo begins with. Its password is public: a demo listens on this machine alone. */
export interface SeededUser {
  readonly username: string;
  readonly password: string;
  readonly displayName: string;
}

/** Makes the account once, by the same call that a browser would make, and gives its id. */
export async function seedUser(
  { auth, store, url }: { readonly auth: AuthServer; readonly store: Store; readonly url: string },
  { username, password, displayName }: SeededUser,
): Promise<string> {
  const found = await store.users.findByName(username);
  if (found) return found.id;
  const call = (path: string, body: object): Promise<Response> =>
    auth.fetch(
      new Request(`${url}/auth/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify(body),
      }),
    );
  const answer = await call('sign-up', { username, password, profile: { displayName } });
  if (!answer.ok) throw new Error(`The account of ${username} could not be made: ${await answer.text()}`);
  const { refresh, user } = (await answer.json()) as { refresh: string; user: { id: string } };
  // Sign-up also signs in; that session is nobody's.
  await call('sign-out', { refresh });
  return user.id;
}
