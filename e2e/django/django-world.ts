import { FaultProxy } from '@latchkey/example-shared';
import { onTestFinished } from 'vitest';
import { openProfile, type Profile } from '../harness/browser.js';
import { startPageServer, type PageServer } from '../harness/page-server.js';
import { startDjango } from './django-server.js';

/** Who has an account. */
export const credentials = { username: 'ada', password: 'pw-of-ada' };
const legacyKeys = { access: 'currentUser', refresh: 'refresh' };

/** A token server that is not ours, with the app and a browser; closed by itself when the test ends. */
export interface DjangoWorld {
  readonly url: string;
  readonly page: PageServer;
  readonly proxy: FaultProxy;
  readonly profile: Profile;
  advance(milliseconds: number): Promise<void>;
}

/** A Django with five-minute tokens and strict single use, an app that uses it, and a browser. */
export async function startDjangoWorld(): Promise<DjangoWorld> {
  const page = await startPageServer();
  const django = await startDjango({ allowedOrigin: page.origin, accessSeconds: 300 });
  const proxy = await FaultProxy.start(() => django.port);
  const url = `http://127.0.0.1:${proxy.port}`;
  const options = { signOutPath: '/api/token/blacklist/', userUrl: '/api/me/' };
  page.options = { api: url, backend: { kind: 'simpleJwt', options }, legacyKeys };
  const profile = await openProfile({ time: Date.now() });
  onTestFinished(async () => {
    await profile.close();
    await Promise.all([proxy.close(), page.close(), django.stop()]);
  });
  await django.addUser(credentials.username, credentials.password);
  const advance = async (by: number) => {
    await django.advance(by);
    await profile.advance(by);
  };
  return { url, page, proxy, profile, advance };
}

/** For `evaluate`: signs in. */
export const signInAtDjango = {
  run: (them: typeof credentials) => window.lab.session.signIn(them).then(() => undefined),
};
