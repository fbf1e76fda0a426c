import { hash } from 'node:crypto';
import type { Passed } from '@latchkey/example-shared';
import type { Target } from './target.js';

/** One request to refresh, as proxy and server saw it. Tokens by their fingerprints. */
export interface Exchange {
  readonly at: number;
  /** When it was over for whoever asked. */
  readonly over: number;
  /** What was presented; `undefined` where it never came to the server. */
  readonly presented: string | undefined;
  /** The status that the server answered, lost or not. */
  readonly served: number | undefined;
  /** What the server issued, lost or not. */
  readonly issued: string | undefined;
  readonly fault: Passed['fault'];
  /** Whoever asked was sent all of an answer. */
  readonly arrived: boolean;
}

/** Recognises a token without keeping it. */
export const fingerprint = (token: string): string => hash('sha256', token).slice(0, 16);

/** All requests to refresh that came to the proxy. */
export class RefreshLog {
  readonly #target: Target;
  readonly #passed: Passed[] = [];
  #waiting: (() => void)[] = [];

  constructor(target: Target) {
    this.#target = target;
  }

  /** For the proxy to call. */
  watch(passed: Passed): void {
    if (passed.end || !this.#target.refreshes.test(`${passed.method} ${passed.path}`)) return;
    this.#passed.push(passed);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Settled when the next refresh comes, or that many milliseconds have passed without one. */
  arrival(atMost: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, atMost));
      this.#waiting.push(() => {
        clearTimeout(timer);
        // One turn later, when the fault of this very request has been counted.
        setImmediate(resolve);
      });
    });
  }

  exchanges(): Exchange[] {
    return this.#passed.map(({ at, end, served, fault, bodies }) => {
      const presented = bodies && this.#target.presented(bodies.sent);
      const issued = bodies && served === 200 ? this.#target.issued(bodies.served) : undefined;
      return {
        at,
        over: end ? at + end.milliseconds : Infinity,
        presented: presented === undefined ? undefined : fingerprint(presented),
        served,
        issued: issued === undefined ? undefined : fingerprint(issued),
        fault,
        arrived: end?.status !== undefined,
      };
    });
  }
}
