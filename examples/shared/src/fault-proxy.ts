import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { forward, relay, relayHead } from './forwarding.js';
import { serveOnLoopback, type LoopbackServer } from './loopback-server.js';

/** What goes wrong with a request. */
export type Act =
  /** The connection dies before the server has seen the request. */
  | { readonly kind: 'drop-request' }
  /** The server has done its work, the connection dies before the first byte of the answer. */
  | { readonly kind: 'drop-response' }
  /** The connection dies in the middle of the answer's body. */
  | { readonly kind: 'cut-response' }
  /** Somebody else answers: a proxy in a deploy, a captive portal. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    };

/** A fault that has been set up. */
export interface Fault {
  /** How often it has struck. */
  readonly hits: number;
  lift(): void;
}

/** A request that is kept waiting. */
export interface Hold {
  /** How many are waiting, or have waited. */
  readonly held: number;
  /** Lets those that wait go on, and all that come after. */
  release(): void;
}

/** What went by. */
export interface Passed {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  /** What struck it, if anything did. */
  readonly fault: Act['kind'] | undefined;
  /** When it came, by this machine's clock. */
  readonly at: number;
  /** `undefined` while it is under way. */
  readonly end: PassedEnd | undefined;
}

/** How a request ended. */
export interface PassedEnd {
  /** `undefined`: whoever asked never got a whole answer. */
  readonly status: number | undefined;
  readonly milliseconds: number;
}

/** How a proxy is started. */
export interface FaultProxyOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /** How many requests `passed` holds, the newest; all of them unless stated. */
  readonly remember?: number;
  /** Called when a request comes, and once more, with `end`, when it is over. */
  readonly watch?: (passed: Passed) => void;
}

/** Where a path, without its query, goes on to: a port of 127.0.0.1; `undefined` where nobody listens at the moment. */
export type Route = (path: string) => number | undefined;

type When = 'before' | 'after';
interface Rule {
  readonly match: RegExp;
  readonly act: Act;
  left: number;
  hits: number;
}
interface Gate {
  readonly match: RegExp;
  readonly when: When;
  readonly open: Promise<void>;
  held: number;
}
interface Delay {
  readonly match: RegExp;
  readonly milliseconds: number;
  hits: number;
}

/** An HTTP proxy that breaks things at the level of TCP: what a train, a deploy or a hotel's network does. */
export class FaultProxy {
  readonly passed: Passed[] = [];
  #rules: Rule[] = [];
  #delays: Delay[] = [];
  #gates: Gate[] = [];
  #listening: LoopbackServer;
  readonly port: number;
  readonly #route: Route;
  readonly #options: FaultProxyOptions;

  private constructor(listening: LoopbackServer, route: Route, options: FaultProxyOptions) {
    this.#listening = listening;
    this.#route = route;
    this.#options = options;
    this.port = listening.port;
  }

  /** Starts a proxy. @throws Error with `code: 'EADDRINUSE'` and the `port` when it is taken */
  static async start(route: Route, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const proxy: { current?: FaultProxy } = {};
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void proxy.current?.handle(request, response);
    return (proxy.current = new FaultProxy(await serveOnLoopback(handle, options.port), route, options));
  }

  /** Makes requests whose `METHOD /path` matches fail, always or so many times; of several faults the oldest strikes. */
  fail(match: RegExp, act: Act, times = Infinity): Fault {
    const rule: Rule = { match, act, left: times, hits: 0 };
    this.#rules.push(rule);
    return {
      get hits() {
        return rule.hits;
      },
      lift: () => void (this.#rules = this.#rules.filter((one) => one !== rule)),
    };
  }

  /** Lets requests take longer on their way to the server. */
  slow(match: RegExp, milliseconds: number): Fault {
    const delay: Delay = { match, milliseconds, hits: 0 };
    this.#delays.push(delay);
    return {
      get hits() {
        return delay.hits;
      },
      lift: () => void (this.#delays = this.#delays.filter((one) => one !== delay)),
    };
  }

  /** Keeps requests waiting: before the server sees them, or after it has answered. */
  hold(match: RegExp, when: When): Hold {
    let release = (): void => undefined;
    const open = new Promise<void>((resolve) => (release = resolve));
    const gate: Gate = { match, when, open, held: 0 };
    this.#gates.push(gate);
    return {
      get held() {
        return gate.held;
      },
      release,
    };
  }

  /** Closes the port and every connection: the network is gone. */
  async refuseConnections(): Promise<void> {
    await this.#listening.close();
  }

  /** Opens the port again. */
  async acceptConnections(): Promise<void> {
    this.#listening = await serveOnLoopback((request, response) => void this.handle(request, response), this.port);
  }

  /** How many requests of this kind came in, struck or not; preflights do not count unless named. */
  count(match: RegExp): number {
    return this.passed.filter(({ method, path }) => match.test(`${method} ${path}`)).length;
  }

  /** How often each idempotency key was presented. */
  refreshesByKey(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { idempotencyKey: key } of this.passed)
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  }

  close(): Promise<void> {
    return this.#listening.close();
  }

  /** Takes one request through its faults. Never throws: a dead connection is what this is for. */
  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const what = `${request.method ?? ''} ${request.url ?? ''}`;
    const act = this.strike(what);
    this.record(request, response, act?.kind);
    try {
      await this.slowDown(what);
      await this.pass(what, 'before');
      if (act?.kind === 'drop-request' || request.socket.destroyed) request.socket.destroy();
      else if (act?.kind === 'answer') answer(request, response, act);
      else await this.sendOn(request, response, act?.kind);
    } catch {
      request.socket.destroy();
    }
  }

  private async sendOn(request: IncomingMessage, response: ServerResponse, fault?: Act['kind']): Promise<void> {
    const what = `${request.method ?? ''} ${request.url ?? ''}`;
    const port = this.#route(pathOf(request));
    if (port === undefined) return void request.socket.destroy();
    const upstream = await forward(request, port);
    const isHeld = this.#gates.some(({ when, match }) => when === 'after' && match.test(what));
    if (fault === undefined && !isHeld) return relay(upstream, response);
    // The server must have done all its work before the answer comes to grief.
    const body = await buffer(upstream);
    await this.pass(what, 'after');
    if (fault === 'drop-response') return void request.socket.destroy();
    relayHead(upstream, response);
    if (fault !== 'cut-response') return void response.end(body);
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
  }

  /** Gives what strikes the request; a fault that has struck as often as it should is gone. */
  private strike(what: string): Act | undefined {
    const rule = this.#rules.find(({ match }) => match.test(what));
    if (!rule) return undefined;
    rule.hits++;
    if (--rule.left <= 0) this.#rules = this.#rules.filter((one) => one !== rule);
    return rule.act;
  }

  private record(request: IncomingMessage, response: ServerResponse, fault: Act['kind'] | undefined): void {
    const { remember = Infinity, watch } = this.#options;
    const key = request.headers['idempotency-key'];
    const passed: Passed & { end: PassedEnd | undefined } = {
      method: request.method ?? '',
      path: pathOf(request),
      idempotencyKey: typeof key === 'string' ? key : undefined,
      fault,
      at: Date.now(),
      end: undefined,
    };
    const began = performance.now();
    this.passed.push(passed);
    if (this.passed.length > remember) this.passed.shift();
    watch?.(passed);
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : undefined;
      passed.end = { status, milliseconds: performance.now() - began };
      watch?.(passed);
    });
  }

  private async slowDown(what: string): Promise<void> {
    for (const delay of this.#delays.filter(({ match }) => match.test(what))) {
      delay.hits++;
      await wait(delay.milliseconds);
    }
  }

  private async pass(what: string, when: When): Promise<void> {
    for (const gate of this.#gates.filter((one) => one.when === when && one.match.test(what))) {
      gate.held++;
      await gate.open;
    }
  }
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?')[0] ?? '';

/** Readable by the page, as a well-configured proxy's answers are; without that it would only be one more lost answer. */
function answer(request: IncomingMessage, response: ServerResponse, act: Extract<Act, { kind: 'answer' }>): void {
  response.writeHead(act.status, {
    'access-control-allow-origin': request.headers.origin ?? '*',
    'access-control-expose-headers': 'Retry-After',
    'content-type': 'application/json',
    ...act.headers,
  });
  request.resume();
  response.end(act.body ?? '');
}
