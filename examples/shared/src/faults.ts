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

/** How a line is slow. */
export interface Slowness {
  /** What each request takes longer on its way to the server. */
  readonly milliseconds?: number;
  /** How much comes through in a second, each way. */
  readonly bytesPerSecond?: number;
}

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
  /** The status that the server answered, whether or not it arrived; `undefined` as long as it has answered nothing. */
  readonly served: number | undefined;
  /** Both bodies as they were, if `keepBodies` asks for them; the server's is empty as long as there is none. */
  readonly bodies: { readonly sent: string; readonly served: string } | undefined;
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
  /** Requests (`METHOD /path`) whose bodies `passed` holds too: who wants to know what was lost must know what was in it. */
  readonly keepBodies?: RegExp;
  /** Called when a request comes, and once more, with `end`, when it is over. */
  readonly watch?: (passed: Passed) => void;
}

/** Where a path, without its query, goes on to: a port of 127.0.0.1; `undefined` where nobody listens at the moment. */
export type Route = (path: string) => number | undefined;
