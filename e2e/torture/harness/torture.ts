import { setTimeout as wait } from 'node:timers/promises';
import { FaultProxy } from '@latchkey/example-shared';
import { type BrowserContext, chromium } from 'playwright-core';
import { findBrowser } from '../../harness/engines/find-browser.js';
import { drawFrom } from '../../kill/harness/moments.js';
import { djangoTarget } from './django-target.js';
import { Faults, requestTimeoutSeconds } from './faults.js';
import { latchkeyTarget } from './latchkey-target.js';
import { oidcTarget } from './oidc-target.js';
import { startPageServer } from './page-server.js';
import { type FaultKind, type PlannedStorm, faultKinds, planStorms } from './plan.js';
import { type Storm, isOver } from './recovery.js';
import { RefreshLog } from './refresh-log.js';
import { type Loss, type TortureChoices, type TortureResult, recoveryBound, sumUp } from './result.js';
import { type Starved, starvedBy } from './starved.js';
import { Tabs } from './tabs.js';
import type { Target, TargetName } from './target.js';

/** How long a run is, and who hears of it. */
export interface TortureRun extends TortureChoices {
  /** Goes on for longer until every kind of fault has struck twice a minute, once at least. */
  readonly minutes: number;
  readonly say?: (line: string) => void;
  /** Ends the run at once, with everything that was started. */
  readonly signal?: AbortSignal;
}

const targets: Record<TargetName, (allowOrigin: string) => Promise<Target>> = {
  latchkey: latchkeyTarget,
  django: djangoTarget,
  'oidc-provider': oidcTarget,
};

/** Tortures one browser, a few of its tabs, one token server. @throws what `signal` says */
export async function torture(run: TortureRun): Promise<TortureResult> {
  await using ends = new AsyncDisposableStack();
  const page = await startPageServer();
  ends.defer(page.close);
  const target = await targets[run.against](page.url);
  ends.defer(() => target.close());
  await target.start();
  const log = new RefreshLog(target);
  const starved: Starved[] = [];
  const proxy = await FaultProxy.start((path) => target.route(path), {
    keepBodies: target.refreshes,
    remember: 1000,
    watch(passed) {
      log.watch(passed);
      if (passed.path === target.callPath) starved.push(...starvedBy(passed));
    },
  });
  ends.defer(() => proxy.close());
  const api = `http://127.0.0.1:${proxy.port}`;
  const callUrl = api + target.callPath;
  page.settings = { api, backend: target.backend(api), callUrl, betweenCalls: 300, requestTimeoutSeconds };
  const context = await openBrowser(run.locks);
  ends.defer(() => context.browser()?.close() ?? Promise.resolve());
  const tabs = await Tabs.open(context, target, { count: run.tabs, address: page.url });
  const faults = new Faults({ proxy, target, log });
  // Awaited here, so that nothing is taken away from under it.
  return await Promise.race([new Torture(run, { target, log, tabs, faults, starved }).run(), aborted(run.signal)]);
}

const aborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal?.reason as Error);
    // It may have come while everything was being started.
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop);
  });

async function openBrowser(locks: boolean): Promise<BrowserContext> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet];
  const browser = await chromium.launch({
    executablePath: findBrowser('chromium'),
    args,
    // Whoever runs this sees to signals: servers have to be ended, too.
    ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
  });
  const context = await browser.newContext();
  if (!locks)
    await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
  return context;
}

interface Parts {
  readonly target: Target;
  readonly log: RefreshLog;
  readonly tabs: Tabs;
  readonly faults: Faults;
  readonly starved: readonly Starved[];
}

/** Storm after storm, until it is enough. */
class Torture {
  readonly #run: TortureRun;
  readonly #parts: Parts;
  readonly #storms: Storm[] = [];
  readonly #losses: Loss[] = [];
  readonly #struck = new Map<FaultKind, number>();
  #began = 0;
  /** How many of the tabs' sign-outs have been seen to. */
  #seenTo = 0;

  constructor(run: TortureRun, parts: Parts) {
    this.#run = run;
    this.#parts = parts;
  }

  async run(): Promise<TortureResult> {
    const { target, log, tabs, starved } = this.#parts;
    const { seed } = this.#run;
    await tabs.enter(target.entrance.by);
    this.#began = Date.now();
    await this.#calm(this.#began);
    const enough = new AbortController();
    const troubled = tabs.trouble(drawFrom(`${seed} tabs`), enough.signal);
    // Whatever goes wrong there is told when it is awaited.
    troubled.catch(() => undefined);
    for (const planned of planStorms(drawFrom(`${seed} storms`))) {
      if (this.#isEnough()) break;
      await this.#storm(planned);
    }
    enough.abort();
    await troubled;
    const ended = Date.now();
    await target.end('SIGTERM');
    const { against, locks, tabs: count } = this.#run;
    const choices = { against, locks, tabs: count, seed };
    const found = {
      storms: this.#storms,
      losses: this.#losses,
      exchanges: log.exchanges(),
      tabs,
      log: target.log(),
      starved,
    };
    return sumUp({ choices, isStrict: target.isStrict, began: this.#began, ended, ...found });
  }

  #isEnough(): boolean {
    const { minutes } = this.#run;
    const times = Math.max(1, 2 * minutes);
    const isLong = Date.now() - this.#began >= minutes * 60_000;
    return isLong && faultKinds.every((kind) => (this.#struck.get(kind) ?? 0) >= times);
  }

  async #storm(planned: PlannedStorm): Promise<void> {
    const begun = Date.now();
    const struck = new Map<FaultKind, number>();
    const counts = await Promise.all(planned.map((fault) => this.#parts.faults.inflict(fault)));
    planned.forEach(({ kind }, index) => {
      const count = counts[index] ?? 0;
      struck.set(kind, (struck.get(kind) ?? 0) + count);
      this.#struck.set(kind, (this.#struck.get(kind) ?? 0) + count);
    });
    const ended = Date.now();
    this.#storms.push({ begun, ended, struck });
    await this.#calm(ended);
    const what = [...struck].map(([kind, count]) => (count === 1 ? kind : `${kind} ×${count}`));
    const seconds = Math.round((Date.now() - this.#began) / 1000);
    this.#run.say?.(`${String(seconds).padStart(5)} s  ${what.join(', ')}`);
  }

  /** Waits until the tabs have come out of it; a tab that never does is a result, too. Lets the person in again if they are out. */
  async #calm(ended: number): Promise<void> {
    const { tabs } = this.#parts;
    const end = Date.now() + recoveryBound * 3;
    while (!isOver(ended, tabs.calls) && Date.now() < end) {
      await wait(50);
      if (tabs.signedOut.length > this.#seenTo) await this.#enterAgain();
    }
  }

  async #enterAgain(): Promise<void> {
    const { tabs } = this.#parts;
    const at = tabs.signedOut[this.#seenTo]?.at ?? Date.now();
    // Time for all tabs to hear of it.
    await wait(1500);
    const told = tabs.signedOut.slice(this.#seenTo);
    await tabs.enter('signIn');
    this.#seenTo = tabs.signedOut.length;
    this.#losses.push({ at, until: Date.now(), told });
  }
}
