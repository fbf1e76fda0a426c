import { setTimeout as wait } from 'node:timers/promises';
import type { Act, FaultProxy } from '@latchkey/example-shared';
import type { PlannedFault } from './plan.js';
import type { RefreshLog } from './refresh-log.js';
import type { Target } from './target.js';

/** Longer than the page waits for an answer. */
export const requestTimeoutSeconds = 3;
const tooLate = requestTimeoutSeconds * 1000 + 500;

/** How long a fault waits for refreshes to strike; every tab makes one in three seconds, unless it has none to make. */
const patience = 6000;

/** Does to the world what was planned. */
export class Faults {
  readonly #proxy: FaultProxy;
  readonly #target: Target;
  readonly #log: RefreshLog;
  /** One thing at a time happens to the process. */
  #process: Promise<unknown> = Promise.resolve();

  constructor({ proxy, target, log }: { proxy: FaultProxy; target: Target; log: RefreshLog }) {
    this.#proxy = proxy;
    this.#target = target;
    this.#log = log;
  }

  /** Lets one fault happen to its end; tells how often it really struck. */
  async inflict(fault: PlannedFault): Promise<number> {
    await wait(fault.after);
    switch (fault.kind) {
      case 'request dropped':
        return this.#strike({ kind: 'drop-request' }, fault.times);
      case 'answer dropped':
        return this.#strike({ kind: 'drop-response' }, fault.times);
      case 'answer cut short':
        return this.#strike({ kind: 'cut-response' }, fault.times);
      case 'answered 503':
        return this.#strike({ kind: 'answer', status: 503, body: '<h1>503</h1>' }, fault.times);
      case 'answered 429':
        return this.#strike(
          { kind: 'answer', status: 429, headers: { 'retry-after': String(fault.retryAfter) } },
          fault.times,
        );
      case 'request delayed':
        return this.#delay(fault);
      case 'answer too late':
        return this.#holdBack();
      case 'token refused':
        return this.#refuse();
      case 'no network':
        return this.#cutOff(fault);
      case 'server restarted':
        return this.#interrupt(fault, 'SIGTERM');
      case 'server killed':
        return this.#interrupt(fault, 'SIGKILL');
    }
  }

  async #strike(act: Act, times: number): Promise<number> {
    const fault = this.#proxy.fail(this.#target.refreshes, act, times);
    await this.#refreshes(() => fault.hits >= times);
    fault.lift();
    return fault.hits;
  }

  async #delay({ times, lasts }: PlannedFault): Promise<number> {
    const drag = this.#proxy.slow(this.#target.refreshes, { milliseconds: lasts });
    await this.#refreshes(() => drag.hits >= times);
    drag.lift();
    await wait(lasts);
    return drag.hits;
  }

  /** The server does its work, and whoever waits for the answer gives up. */
  async #holdBack(): Promise<number> {
    const hold = this.#proxy.hold(this.#target.refreshes, 'after');
    await this.#refreshes(() => hold.held > 0);
    await wait(tooLate);
    hold.release();
    return hold.held;
  }

  /** One call, and not its repetition: that an app sees a second 401 in a row is as it should be. */
  async #refuse(): Promise<number> {
    const exposed = { 'access-control-expose-headers': 'WWW-Authenticate' };
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"', ...exposed };
    const call = new RegExp(`^GET ${this.#target.callPath}`);
    const fault = this.#proxy.fail(call, { kind: 'answer', status: 401, headers }, 1);
    // It brings about a refresh.
    await this.#refreshes(() => fault.hits > 0);
    fault.lift();
    return fault.hits;
  }

  async #cutOff(fault: PlannedFault): Promise<number> {
    await this.#moment(fault);
    await this.#proxy.refuseConnections();
    await wait(fault.lasts);
    await this.#proxy.acceptConnections();
    return 1;
  }

  #interrupt(fault: PlannedFault, signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    const interrupted = this.#process.then(async () => {
      await this.#moment(fault);
      await this.#target.end(signal);
      if (signal === 'SIGKILL') await wait(fault.lasts);
      await this.#target.start();
      return 1;
    });
    this.#process = interrupted;
    return interrupted;
  }

  async #moment({ behindRefresh }: PlannedFault): Promise<void> {
    if (behindRefresh === undefined) return;
    await this.#log.arrival(patience);
    await wait(behindRefresh);
  }

  /** Waits for refreshes until it is enough, but not for ever. */
  async #refreshes(isEnough: () => boolean): Promise<void> {
    const end = Date.now() + patience;
    while (!isEnough() && Date.now() < end) await this.#log.arrival(end - Date.now());
  }
}
