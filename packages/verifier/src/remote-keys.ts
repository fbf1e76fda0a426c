import { type Milliseconds } from '@latchkey/protocol';
import { createRemoteJWKSet, customFetch } from 'jose';
import { decideKey } from './core/key-schedule.js';
import type { Clock, ImportKey, KeyLookup, KeySource, SignatureCheck } from './ports.js';

/** What the issuer's key set is fetched with. */
export interface RemoteKeysOptions {
  readonly url: URL;
  readonly clock: Clock;
  readonly importKey: ImportKey;
  readonly fetch: typeof globalThis.fetch;
}

/** Most keys that are taken from a set; an issuer in the middle of a rotation has three. */
const mostKeys = 64;

/**
 * Fetches and keeps the issuer's keys. Nothing is sent before the first look-up; parallel look-ups share one request;
 * what is fetched when, stands in `decideKey`. The fetching itself, with a time-out of 5 s and no redirects, is jose's.
 */
export function createRemoteKeys(options: RemoteKeysOptions): KeySource {
  const { clock, importKey } = options;
  const remote = createRemoteJWKSet(options.url, { [customFetch]: (url, init) => options.fetch(url, init) });
  let checks: ReadonlyMap<string, SignatureCheck> = new Map();
  let receivedAt: Milliseconds | undefined;
  let tried: { at: Milliseconds; failed: boolean } | undefined;
  let failure: unknown;
  let running: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    try {
      await remote.reload();
      checks = importKeys(remote.jwks()?.keys ?? [], importKey);
      receivedAt = clock.now();
    } catch (error) {
      failure = error;
    }
    tried = { at: clock.now(), failed: failure !== undefined };
  }

  /** Asks the issuer; whoever asks meanwhile shares the answer. */
  function refresh(): Promise<void> {
    failure = running ? failure : undefined;
    running ??= fetchKeys().finally(() => (running = undefined));
    return running;
  }

  function lookUp(kid: string): KeyLookup | 'fetch' {
    const check = checks.get(kid);
    const decision = decideKey({ receivedAt, tried }, check !== undefined, clock.now());
    if (decision === 'use_and_refresh') void refresh();
    if (decision === 'fetch') return 'fetch';
    if (decision === 'unknown') return { kind: 'unknown' };
    return check && decision !== 'unavailable' ? { kind: 'key', check } : { kind: 'unavailable', cause: failure };
  }

  async function refreshAndLookUp(kid: string): Promise<KeyLookup> {
    await refresh();
    const found = lookUp(kid);
    return found === 'fetch' ? { kind: 'unavailable', cause: failure } : found;
  }

  return {
    find(kid) {
      const found = lookUp(kid);
      return found === 'fetch' ? refreshAndLookUp(kid) : found;
    },
  };
}

function importKeys(jwks: readonly object[], importKey: ImportKey): Map<string, SignatureCheck> {
  const checks = new Map<string, SignatureCheck>();
  for (const jwk of jwks.slice(0, mostKeys) as Record<string, unknown>[]) {
    const kid = jwk['kid'];
    const check = typeof kid === 'string' && !checks.has(kid) && importKey(jwk);
    if (check) checks.set(kid, check);
  }
  return checks;
}
