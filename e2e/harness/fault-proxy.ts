import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback, type Listening } from './http-listener.js';

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
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  /** What struck it, if anything did. */
  readonly fault: Act['kind'] | undefined;
}

/** Where a request goes on to. */
export type Route = (path: string) => number;

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

/** An HTTP proxy that breaks things at the level of TCP: what a train, a deploy or a hotel's network does. */
export class FaultProxy {
  readonly passed: Passed[] = [];
  #rules: Rule[] = [];
  #gates: Gate[] = [];
  #listening: Listening;
  readonly port: number;
  readonly #route: Route;

  private constructor(listening: Listening, route: Route) {
    this.#listening = listening;
    this.#route = route;
    this.port = listening.port;
  }

  /** Starts on a free port; `route` names the port on 127.0.0.1 that a path goes on to. */
  static async start(route: Route): Promise<FaultProxy> {
    const proxy: { current?: FaultProxy } = {};
    const listening = await listenOnLoopback((request, response) => void proxy.current?.handle(request, response));
    return (proxy.current = new FaultProxy(listening, route));
  }

  /** Makes requests whose `METHOD /path` matches fail, always or so many times. */
  fail(match: RegExp, act: Act, times = Infinity): Fault {
    const rule: Rule = { match, act, left: times, hits: 0 };
    this.#rules.push(rule);
    return {
      get hits() {
        return rule.hits;
      },
      lift: () => void (rule.left = 0),
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
    this.#listening = await listenOnLoopback((request, response) => void this.handle(request, response), this.port);
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
    const { method = '', url = '' } = request;
    const what = `${method} ${url}`;
    const rule = this.#rules.find(({ match, left }) => left > 0 && match.test(what));
    const key = request.headers['idempotency-key'];
    const path = url.split('?')[0] ?? '';
    this.passed.push({
      method,
      path,
      idempotencyKey: typeof key === 'string' ? key : undefined,
      fault: rule?.act.kind,
    });
    if (rule) {
      rule.left--;
      rule.hits++;
    }
    try {
      await this.pass(what, 'before');
      if (rule?.act.kind === 'drop-request') return void request.socket.destroy();
      if (rule?.act.kind === 'answer') {
        answer(request, response, rule.act);
        return;
      }
      const upstream = await forward(request, this.#route(path));
      const body = await buffer(upstream);
      await this.pass(what, 'after');
      if (rule?.act.kind === 'drop-response') return void request.socket.destroy();
      response.writeHead(upstream.statusCode ?? 502, withoutHopByHop(upstream.headers));
      if (rule?.act.kind !== 'cut-response') return void response.end(body);
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
    } catch {
      request.socket.destroy();
    }
  }

  private async pass(what: string, when: When): Promise<void> {
    for (const gate of this.#gates.filter((one) => one.when === when && one.match.test(what))) {
      gate.held++;
      await gate.open;
    }
  }
}

/** Sends the request on, and waits for the head of the answer. */
async function forward(request: IncomingMessage, port: number): Promise<IncomingMessage> {
  const { method, url: path, headers } = request;
  return new Promise((resolve, reject) => {
    const outgoing = send({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve);
    outgoing.once('error', reject);
    request.pipe(outgoing);
  });
}

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

/** What belongs to one connection is not passed on; the body was read whole, so its length is known. */
function withoutHopByHop(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const ofOneConnection = ['connection', 'transfer-encoding', 'keep-alive'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofOneConnection.includes(name)));
}
