import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import type { Act, Fault, FaultProxyOptions, Hold, Passed, Route, Slowness } from './faults.js';
import { forward, relay, relayHead } from './forwarding.js';
import { serveOnLoopback, type LoopbackServer } from './loopback-server.js';

type When = 'before' | 'after';
type Entry = { -readonly [Name in keyof Passed]: Passed[Name] };
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
interface Drag {
  readonly match: RegExp;
  readonly slowness: Slowness;
  hits: number;
}

/** An HTTP proxy that breaks things at the level of TCP: what a train, a deploy or a hotel's network does. */
export class FaultProxy {
  readonly passed: Passed[] = [];
  #rules: Rule[] = [];
  #drags: Drag[] = [];
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

  /** Lets requests and their answers take longer. */
  slow(match: RegExp, slowness: Slowness): Fault {
    const drag: Drag = { match, slowness, hits: 0 };
    this.#drags.push(drag);
    return {
      get hits() {
        return drag.hits;
      },
      lift: () => void (this.#drags = this.#drags.filter((one) => one !== drag)),
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

  /** How many of them got a whole answer: until then the server may not have done its work. */
  answered(match: RegExp): number {
    return this.passed.filter(({ method, path, end }) => end?.status !== undefined && match.test(`${method} ${path}`))
      .length;
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
    const entry = this.record(request, response, act?.kind);
    try {
      await this.slowDown(what);
      await this.pass(what, 'before');
      if (act?.kind === 'drop-request' || request.socket.destroyed) request.socket.destroy();
      else if (act?.kind === 'answer') answer(request, response, act);
      else await this.sendOn(request, response, entry);
    } catch {
      request.socket.destroy();
    }
  }

  private async sendOn(request: IncomingMessage, response: ServerResponse, entry: Entry): Promise<void> {
    const { fault } = entry;
    const what = `${request.method ?? ''} ${request.url ?? ''}`;
    const port = this.#route(pathOf(request));
    if (port === undefined) return void request.socket.destroy();
    const bytesPerSecond = this.paceOf(what);
    const isKept = this.#options.keepBodies?.test(what) ?? false;
    if (isKept) collect(request, (sent) => (entry.bodies = { sent, served: '' }));
    const upstream = await forward(request, { port, bytesPerSecond });
    entry.served = upstream.statusCode;
    const isHeld = this.#gates.some(({ when, match }) => when === 'after' && match.test(what));
    if (fault === undefined && !isHeld && !isKept) return relay(upstream, response, bytesPerSecond);
    // The server must have done all its work before the answer comes to grief.
    const body = await buffer(upstream);
    if (entry.bodies) entry.bodies = { ...entry.bodies, served: body.toString() };
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

  private record(request: IncomingMessage, response: ServerResponse, fault: Act['kind'] | undefined): Entry {
    const { remember = Infinity, watch } = this.#options;
    const key = request.headers['idempotency-key'];
    const passed: Entry = {
      method: request.method ?? '',
      path: pathOf(request),
      idempotencyKey: typeof key === 'string' ? key : undefined,
      fault,
      at: Date.now(),
      end: undefined,
      served: undefined,
      bodies: undefined,
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
    return passed;
  }

  private async slowDown(what: string): Promise<void> {
    for (const drag of this.#drags.filter(({ match }) => match.test(what))) {
      drag.hits++;
      await wait(drag.slowness.milliseconds ?? 0);
    }
  }

  private paceOf(what: string): number {
    const drags = this.#drags.filter(({ match }) => match.test(what));
    return Math.min(...drags.map(({ slowness }) => slowness.bytesPerSecond ?? Infinity));
  }

  private async pass(what: string, when: When): Promise<void> {
    for (const gate of this.#gates.filter((one) => one.when === when && one.match.test(what))) {
      gate.held++;
      await gate.open;
    }
  }
}

/** Tells what came in, beside whoever else reads it. */
function collect(request: IncomingMessage, tell: (body: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => tell(Buffer.concat(chunks).toString()));
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
