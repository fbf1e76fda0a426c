import { encodeBase64Url, isObject } from '@latchkey/protocol';
import type { KeyStore, Random } from '../ports.js';
import type { StorageLike } from '../session.js';
import type { Database } from './database.js';

const label = 'latchkey refresh';
const slot = 'idempotency';
const keptIntents = 9;

/**
 * Makes idempotency keys: HMAC-SHA-256 with the profile's non-extractable key where IndexedDB and WebCrypto are to be
 * had, else a random number written down before it is used. A session that began with the profile's key is never
 * refreshed with anything else: another key for the same token would be taken for a thief's.
 */
export function keyStore(database: Database | undefined, intents: KeyStore): KeyStore {
  let key: Promise<CryptoKey> | undefined;
  const profileKey = (): Promise<CryptoKey> => {
    if (!database) return Promise.reject(new Error('There is no IndexedDB here.'));
    key ??= loadKey(database).catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
  return {
    tier: () =>
      profileKey().then(
        () => 'K',
        () => intents.tier(),
      ),
    async idempotencyKey(refreshToken, tier) {
      if (tier !== 'K') return intents.idempotencyKey(refreshToken, tier);
      const message = new TextEncoder().encode(label + refreshToken);
      return encodeBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', await profileKey(), message)));
    },
  };
}

/** Makes the key once a profile: the first `add` wins, and every tab takes what is there. */
async function loadKey(database: Database): Promise<CryptoKey> {
  const there = await database.transact<unknown>('keys', 'readonly', (store, done) => {
    const request = store.get(slot);
    request.onsuccess = () => done(request.result);
  });
  if (there instanceof CryptoKey) return there;
  const made = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return database.transact('keys', 'readwrite', (store, done) => {
    const request = store.get(slot);
    request.onsuccess = () => {
      const first: unknown = request.result;
      if (first instanceof CryptoKey) {
        done(first);
        return;
      }
      try {
        store.add(made, slot);
        done(made);
      } catch {
        // Some iOS modes take no keys (DataCloneError). Without a result the transaction is a failure like any other.
      }
    };
  });
}

/** Random keys, kept in web storage (`intent`) or in this page alone (`memory`), for the last tokens presented. */
export function intentKeys(name: string, storage: StorageLike | undefined, random: Random): KeyStore {
  const slotName = `latchkey.${name}.intent`;
  let remembered: readonly Intent[] = [];
  return {
    tier: () => Promise.resolve(storage ? 'intent' : 'memory'),
    idempotencyKey(refreshToken, tier) {
      if (tier === 'intent' && !storage) return Promise.reject(new Error('There is no web storage here.'));
      const intents = storage ? readIntents(storage.getItem(slotName)) : remembered;
      const known = intents.find((intent) => intent.of === refreshToken);
      if (known) return Promise.resolve(known.key);
      const made = { of: refreshToken, key: random.id() + random.id() };
      remembered = [...intents, made].slice(-keptIntents);
      storage?.setItem(slotName, JSON.stringify(remembered));
      return Promise.resolve(made.key);
    },
  };
}

interface Intent {
  readonly of: string;
  readonly key: string;
}

function readIntents(text: string | null): readonly Intent[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter(isIntent) : [];
  } catch {
    return [];
  }
}

const isIntent = (value: unknown): value is Intent =>
  isObject(value) && typeof value['of'] === 'string' && typeof value['key'] === 'string';
