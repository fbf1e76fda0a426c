import { randomUUID } from 'node:crypto';
import type { SeededUser } from '@latchkey/example-shared';
import type { AuthServer } from '@latchkey/server';

/** As the token server's list of devices would show it. */
const phone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1';

/**
 * Does what a second device would: signs in with user name and password, and signs out everywhere. Past the proxy, for
 * the other device is on another network. Gives the status of what the token server refused, if it did.
 */
export async function signOutEverywhere(
  { auth, url }: { readonly auth: AuthServer; readonly url: string },
  { username, password }: SeededUser,
): Promise<number | undefined> {
  const call = (path: string, body: object): Promise<Response> =>
    auth.fetch(
      new Request(`${url}/auth/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'user-agent': phone },
        body: JSON.stringify(body),
      }),
    );
  const signedIn = await call('sign-in', { username, password });
  if (!signedIn.ok) return signedIn.status;
  const { refresh } = (await signedIn.json()) as { refresh: string };
  const signedOut = await call('sign-out', { refresh, everywhere: true });
  return signedOut.ok ? undefined : signedOut.status;
}
