import { SignedOutError, type SignedOutReason, TransientError, latchkey } from '@latchkey/client';
import { memoryLock, memoryStorage, simulatedClock } from '@latchkey/client/testing';
import { decodeRefreshToken, encodeBase64Url, parseErrorBody } from '@latchkey/protocol';
import { browserClock } from '../../../packages/client/src/browser/clock.js';
import { fetchTransport } from '../../../packages/client/src/browser/fetch-transport.js';
import { parseUrl } from '../../../packages/client/src/browser/parse-url.js';
import { browserRandom } from '../../../packages/client/src/browser/random.js';
import { createRequestRules } from '../../../packages/client/src/core/request-rules.js';
import { createSessionFrom } from '../../../packages/client/src/create-session.js';
import type { SessionPorts, Transport } from '../../../packages/client/src/ports.js';

/** A refresh token that a client has been given, in an answer that it has read to its end. */
export interface Acknowledged {
  readonly generation: number;
  readonly refreshToken: string;
}

/** How requests to refresh were answered. */
export interface Answers {
  granted: number;
  /** 409: an old duplicate. */
  stale: number;
  /** 409: the server knows less than it has acknowledged. */
  behind: number;
  unavailable: number;
  none: number;
  /** 401 and whatever else. */
  other: number;
}

/** One person's browser: the client as it is published, over real HTTP, with storage and time of its own. */
export interface KillClient {
  readonly sessionId: string;
  /** Each token acknowledged, in order; never empty. */
  readonly acknowledged: readonly Acknowledged[];
  readonly answers: Readonly<Answers>;
  /** The generation of the token that is on its way to the server; `undefined` between requests. */
  readonly onTheWay: number | undefined;
  /** Why the session has ended; `undefined` as long as it has not. */
  readonly signedOut: SignedOutReason | undefined;
  /** Refreshes at once; false when there was no answer, or none that gives tokens. */
  refresh(): Promise<boolean>;
  close(): void;
}

/** More than the client's own least interval and its sends a minute ask for. */
const betweenRefreshes = 5000;

/** Signs a new person up. `onAcknowledged` is called for each refresh that is granted. */
export async function openClient(
  origin: string,
  { username, onAcknowledged }: { username: string; onAcknowledged: () => void },
): Promise<KillClient> {
  const clock = simulatedClock();
  const wire = new Wire(onAcknowledged);
  const rules = createRequestRules({
    apis: [origin],
    pageUrl: () => origin,
    parseUrl,
    secretsInUrl: undefined,
    secretParameters: undefined,
  });
  const keys = await profileKeys();
  const storage = memoryStorage();
  let signedOut: SignedOutReason | undefined;
  const session = createSessionFrom(
    { api: origin, onSignedOut: (reason) => (signedOut = reason) },
    {
      ports: () => ({
        clock,
        random: browserRandom,
        storage: storage.tab(),
        lock: memoryLock(clock),
        keys,
        transport: wire,
        lifecycle: { online: () => true, subscribe: () => () => undefined },
        presence: { alone: () => Promise.resolve(false), stay: () => undefined },
        backend: latchkey()({ apiUrl: origin }),
      }),
      rules,
      fetch: (input, init) => fetch(input, init),
      urls: URL,
    },
  );
  const stop = session.start();
  await session.signUp({ username, password: 'a passphrase for tests' });
  const { id: sessionId, generation, refreshToken } = storage.record()!.session!;
  wire.acknowledged.push({ generation, refreshToken });
  return {
    sessionId,
    acknowledged: wire.acknowledged,
    answers: wire.answers,
    get onTheWay() {
      return wire.onTheWay;
    },
    get signedOut() {
      return signedOut;
    },
    async refresh() {
      await clock.advance(betweenRefreshes);
      return session.refresh().then(() => true, isRefusal);
    },
    close: stop,
  };
}

function isRefusal(error: unknown): false {
  if (error instanceof TransientError || error instanceof SignedOutError) return false;
  throw error;
}

/** What IndexedDB holds in a browser: a key for HMAC that nobody can read. */
async function profileKeys(): Promise<SessionPorts['keys']> {
  const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return {
    tier: () => Promise.resolve('K'),
    async idempotencyKey(refreshToken) {
      const message = new TextEncoder().encode(`latchkey refresh${refreshToken}`);
      return encodeBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, message)));
    },
  };
}

/** The client's own transport, with a look at what goes over it. */
class Wire implements Transport {
  readonly acknowledged: Acknowledged[] = [];
  readonly answers: Answers = { granted: 0, stale: 0, behind: 0, unavailable: 0, none: 0, other: 0 };
  onTheWay: number | undefined;
  readonly #transport = fetchTransport(10, browserClock);
  readonly #onAcknowledged: () => void;

  constructor(onAcknowledged: () => void) {
    this.#onAcknowledged = onAcknowledged;
  }

  async send(request: Parameters<Transport['send']>[0]): ReturnType<Transport['send']> {
    if (!request.url.endsWith('/refresh')) return this.#transport.send(request);
    const generation = generationOf(request.body);
    this.onTheWay = generation;
    const answer = await this.#transport.send(request);
    this.onTheWay = undefined;
    this.#note(answer, generation);
    return answer;
  }

  #note(answer: Awaited<ReturnType<Transport['send']>>, presented: number): void {
    if (!('body' in answer)) this.answers.none += 1;
    else if (answer.status === 200) {
      this.answers.granted += 1;
      this.acknowledged.push({ generation: generationOf(answer.body), refreshToken: tokenIn(answer.body) });
      this.#onAcknowledged();
    } else if (answer.status === 409) {
      const isBehind = (parseErrorBody(answer.body)?.generation ?? 0) < presented;
      this.answers[isBehind ? 'behind' : 'stale'] += 1;
    } else this.answers[answer.status === 503 ? 'unavailable' : 'other'] += 1;
  }
}

const tokenIn = (body: unknown): string => (body as { refresh: string }).refresh;
const generationOf = (body: unknown): number => decodeRefreshToken(tokenIn(body))!.generation;
