import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  FaultProxy,
  type LoopbackServer,
  type MovableClock,
  movableClock,
  type Passed,
  replyJson,
  securityPolicy,
  type SeededUser,
  serveOnLoopback,
  servePage,
} from '@latchkey/example-shared';
import type { Lifetimes, PasswordHashing } from '@latchkey/server';
import { type BackendSwitch, backendSwitch } from './backend-switch.js';
import { Controls } from './launcher/controls.js';
import { createJournal } from './launcher/journal.js';
import { startLauncher } from './launcher/start-launcher.js';
import { adviser, demoUser } from './people.js';

/** What a bank may be told. */
export interface BankOptions {
  /** Where the databases, keys and pictures are kept; made where it is missing. */
  readonly dataFolder: string;
  /** 0, the default, takes any free one. */
  readonly port?: number;
  readonly launcherPort?: number;
  readonly preset?: 'everyday' | 'bank';
  /** The built app; by default where `ng build` puts it. */
  readonly pageFolder?: string;
  readonly lifetimes?: Partial<Lifetimes>;
  /** Tests make it cheap. */
  readonly passwordHashing?: PasswordHashing;
}

/** A running bank. */
export interface Bank {
  /** Its one address: the app at `/`, the API under `/api`, the token server under `/auth`. */
  readonly url: string;
  /** Where network, server and clock are broken; an address of its own. */
  readonly launcherUrl: string;
  readonly preset: 'everyday' | 'bank';
  readonly user: SeededUser;
  readonly adviser: SeededUser;
  /** In front of all that; the launcher drives it, and so do tests. */
  readonly faults: FaultProxy;
  /** The time of token server and API. */
  readonly clock: MovableClock;
  close(): Promise<void>;
}

/** Where `ng build` puts the app, from `src` and from `dist` alike. */
const builtApp = fileURLToPath(new URL('../../dist/app/browser/', import.meta.url));

/**
 * Angular's router needs `<base>`. Nothing of an app that is compiled ahead of time makes code from text, so that not
 * even Angular's own policy of Trusted Types is allowed.
 */
const policy = securityPolicy({ 'base-uri': "'self'", 'trusted-types': "'none'" });

/**
 * Starts app, token server and API behind one address of this machine, with the accounts of the demo, and the launcher.
 * @throws Error with `code: 'EADDRINUSE'` and the `port` when one is taken
 */
export async function startBank(options: BankOptions): Promise<Bank> {
  const { dataFolder, preset = 'bank' } = options;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const behind: { backend?: BackendSwitch } = {};
    const page = await serveApp(options.pageFolder ?? builtApp, { preset, account: () => accountOf(behind.backend) });
    opened.push(() => page.close());
    const route = (path: string) => (/^\/(auth|api|\.well-known)(\/|$)/.test(path) ? behind.backend?.port : page.port);
    const journal = createJournal();
    const watch = (passed: Passed): void => journal.note(passed);
    const faults = await FaultProxy.start(route, { port: options.port ?? 0, remember: 1000, watch });
    opened.push(() => faults.close());
    // The address must be known before the token server is made: it is the issuer.
    const url = `http://127.0.0.1:${faults.port}`;
    const clock = movableClock();
    const { lifetimes, passwordHashing } = options;
    const backend = backendSwitch({
      ...{ dataFolder, issuer: url, clock, preset },
      ...(lifetimes && { lifetimes }),
      ...(passwordHashing && { passwordHashing }),
    });
    opened.push(() => backend.stop());
    await backend.start();
    behind.backend = backend;
    const launcher = await startLauncher(
      {
        bank: { url, preset, username: demoUser.username },
        controls: new Controls({ faults, backend, clock }),
        journal,
      },
      options.launcherPort ?? 0,
    );
    opened.push(() => launcher.close());
    return { url, launcherUrl: launcher.url, preset, user: demoUser, adviser, faults, clock, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The demo's account, which is no secret: the bank listens on this machine alone. */
interface DemoAccount {
  readonly username: string;
  /** None when somebody has chosen another one, which the demo does not know. */
  readonly password?: string;
}

async function accountOf(backend: BackendSwitch | undefined): Promise<DemoAccount> {
  const { username, password } = demoUser;
  // While the server is stopped nobody can tell, nor sign in.
  const isChanged = (await backend?.customer?.hasFirstPassword()) === false;
  return isChanged ? { username } : { username, password };
}

/** Serves the app's files, and beside them the demo's account. */
async function serveApp(
  folder: string,
  { preset, account }: { readonly preset: Bank['preset']; readonly account: () => Promise<DemoAccount> },
): Promise<LoopbackServer> {
  // The page signs out whoever does nothing for as long as the token server allows; with this preset, for days.
  const edit = (html: string): string =>
    preset === 'bank' ? html : html.replace(/(name="bank-inactivity" content=)"\d+"/, '$1""');
  const answerPage = await servePage(folder, { https: false, policy, routes: true, edit });
  return serveOnLoopback((request, response) => {
    if (request.method === 'GET' && request.url === '/demo-account.json') {
      account().then(
        (found) => replyJson(response, 200, found),
        () => replyJson(response, 503, { error: 'temporarily_unavailable' }),
      );
    } else answerPage(request, response);
  });
}
