import { FaultProxy, movableClock, type MovableClock } from '@latchkey/example-shared';
import { onTestFinished } from 'vitest';
import { type ApiServer, startApiServer } from './api-server.js';
import { type AuthServerChoices, type AuthServerHandle, startAuthServer } from './auth-server.js';
import { openProfile, type Profile, type ProfileOptions } from './browser.js';
import { startPageServer, type PageServer } from './page-server.js';
import type { PageOptions } from './page/page-options.js';
import { tempFolder } from './temp-folder.js';

/** Everything that one test runs against; closed by itself when the test ends. */
export interface World {
  readonly clock: MovableClock;
  /** In front of token server and API; the page knows only its address. */
  readonly proxy: FaultProxy;
  readonly apiUrl: string;
  readonly auth: AuthServerHandle;
  readonly api: ApiServer;
  readonly page: PageServer;
  /** A folder for whatever the test needs, such as a profile that outlives its browser. */
  readonly folder: string;
  /** Changes what the page will find at its next load. */
  setPage(options: Partial<PageOptions>): void;
  openProfile(options?: ProfileOptions): Promise<Profile>;
  /** Lets time pass everywhere: at the servers and in every open browser. */
  advance(milliseconds: number): Promise<void>;
}

/** What a test chooses. */
export interface WorldChoices {
  readonly server?: AuthServerChoices;
  readonly page?: Partial<PageOptions>;
  /** The test lets time pass: browsers get a clock that can be moved. */
  readonly movesTime?: boolean;
}

/** Starts token server, API, proxy and page, all on 127.0.0.1 and on free ports. */
export async function startWorld(choices: WorldChoices = {}): Promise<World> {
  const clock = movableClock();
  const folder = tempFolder();
  const page = await startPageServer();
  const ports = { auth: 0, api: 0 };
  const proxy = await FaultProxy.start((path) => (/^\/(auth|\.well-known)\//.test(path) ? ports.auth : ports.api));
  const apiUrl = `http://127.0.0.1:${proxy.port}`;
  const shared = { issuer: apiUrl, clock, allowOrigin: page.origin };
  const auth = await startAuthServer({ ...shared, folder: folder.path, choices: choices.server ?? {} });
  const api = await startApiServer({ ...shared, jwksUrl: `http://127.0.0.1:${auth.port}/.well-known/jwks.json` });
  Object.assign(ports, { auth: auth.port, api: api.port });
  page.options = { api: apiUrl, ...choices.page };
  const profiles = new Set<Profile>();

  onTestFinished(async () => {
    await Promise.all([...profiles].map((profile) => profile.close()));
    await Promise.all([proxy.close(), page.close(), api.close(), auth.close()]);
    folder.remove();
  });
  return {
    ...{ clock, proxy, apiUrl, auth, api, page, folder: folder.path },
    setPage: (options) => void (page.options = { api: apiUrl, ...choices.page, ...options }),
    openProfile: async (options = {}) => {
      const profile = await openProfile({ ...options, ...(choices.movesTime && { time: clock.now() }) });
      const close = async () => {
        profiles.delete(profile);
        await profile.close();
      };
      profiles.add(profile);
      return { ...profile, close };
    },
    advance: async (milliseconds) => {
      clock.advance(milliseconds);
      await Promise.all([...profiles].map((profile) => profile.advance(milliseconds)));
    },
  };
}
