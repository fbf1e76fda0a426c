import { type Backend, type BackendOptions, openBackend } from './backend.js';
import type { DemoCustomer } from './demo-customer.js';

/** A backend that can be stopped and started again on the same data, as a machine is. */
export interface BackendSwitch {
  /** Where it listens; `undefined` while it is stopped. */
  readonly port: number | undefined;
  /** The demo's customer; `undefined` while it is stopped. */
  readonly customer: DemoCustomer | undefined;
  /** Starts it unless it runs; one wish after the other, so that the last one holds. */
  start(): Promise<void>;
  /** Stops it unless it stands. */
  stop(): Promise<void>;
}

/** Makes the switch of a backend that does not run yet. */
export function backendSwitch(options: BackendOptions): BackendSwitch {
  let running: Backend | undefined;
  let lastWish: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => (lastWish = lastWish.catch(() => undefined).then(work));
  return {
    get port() {
      return running?.port;
    },
    get customer() {
      return running?.customer;
    },
    start: () =>
      inTurn(async () => {
        running ??= await openBackend(options);
      }),
    stop: () =>
      inTurn(async () => {
        const stopping = running;
        running = undefined;
        await stopping?.close();
      }),
  };
}
