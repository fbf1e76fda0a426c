import {
  type KeyObject,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { ConfigError } from '@latchkey/protocol';
import * as v from 'valibot';
import type { Keys, RefreshKey } from './ports.js';
import { rawSignature } from './raw-signature.js';

const base64Url = (length: number) => v.pipe(v.string(), v.regex(/^[\w-]+$/), v.length(length));

const signingKey = v.object({
  kty: v.literal('EC'),
  crv: v.literal('P-256'),
  x: base64Url(43),
  y: base64Url(43),
  d: base64Url(43),
  kid: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
});

const keyFile = v.object({
  version: v.literal(1),
  /** All of them are published; the one named by `signWith` signs. */
  signing: v.object({ signWith: v.string(), keys: v.pipe(v.array(signingKey), v.minLength(1)) }),
  /** 32 bytes as base64url, by key id. New tokens are made with `mintWith`. */
  refresh: v.object({
    mintWith: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
    secrets: v.record(v.pipe(v.string(), v.regex(/^(0|[1-9]\d{0,2})$/)), base64Url(43)),
  }),
});

/** What a key file holds, as JSON. Whoever reads it can sign in as anybody: mode 0600, never in a repository. */
export type KeyFile = v.InferOutput<typeof keyFile>;

/** Makes a new signing key and a new refresh secret. */
export function generateKeys(): Promise<KeyFile> {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const { x = '', y = '', d = '' } = jwk;
  const kid = thumbprint(x, y);
  return Promise.resolve({
    version: 1,
    signing: { signWith: kid, keys: [{ kty: 'EC', crv: 'P-256', x, y, d, kid }] },
    refresh: { mintWith: 1, secrets: { '1': randomBytes(32).toString('base64url') } },
  });
}

/** @see RFC 7638 §3 */
function thumbprint(x: string, y: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url');
}

/**
 * Makes a key file's content ready for use.
 * @throws ConfigError ERR_CONFIG when it is not one, or names a key that it does not have; no key is in the message
 */
export function loadKeys(content: unknown): Promise<Keys> {
  return new Promise((resolve) => {
    resolve(makeKeys(content));
  });
}

function makeKeys(content: unknown): Keys {
  const parsed = v.safeParse(keyFile, content);
  if (!parsed.success) throw badKeys(`${v.getDotPath(parsed.issues[0]) ?? 'the whole'} is missing or malformed`);
  const { signing, refresh } = parsed.output;
  const signer = signing.keys.find(({ kid }) => kid === signing.signWith);
  if (!signer) throw badKeys('signing.signWith names a key that signing.keys does not have');
  const secrets = new Map(Object.entries(refresh.secrets).map(([id, text]) => [Number(id), makeRefreshKey(text)]));
  const highestKeyId = Math.max(...secrets.keys());
  if (!secrets.has(refresh.mintWith)) throw badKeys('refresh.mintWith names a secret that refresh.secrets lacks');
  if (highestKeyId > 255) throw badKeys('refresh.secrets has an id above 255');
  const privateKey = importKey(() => createPrivateKey({ key: signer, format: 'jwk' }));
  const publicKeys = new Map(signing.keys.map((jwk) => [jwk.kid, importKey(() => toPublicKey(jwk))]));
  return {
    signingKeyId: signer.kid,
    sign: (input) => rawSignature(sign('sha256', Buffer.from(input), privateKey)).toString('base64url'),
    verify: (keyId, input, signature) => {
      const key = publicKeys.get(keyId);
      if (!key || signature.length !== 64) return false;
      return verify('sha256', Buffer.from(input), { key, dsaEncoding }, signature);
    },
    jwks: { keys: signing.keys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' })) },
    mintingKeyId: refresh.mintWith,
    highestKeyId,
    refreshKey: (id) => secrets.get(id),
  };
}

const dsaEncoding = 'ieee-p1363';

const toPublicKey = ({ kty, crv, x, y }: { kty: string; crv: string; x: string; y: string }): KeyObject =>
  createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });

function importKey(work: () => KeyObject): KeyObject {
  try {
    return work();
  } catch {
    // What node:crypto says may quote the key.
    throw badKeys('a signing key is not a point of P-256');
  }
}

const badKeys = (what: string): ConfigError =>
  new ConfigError(`The key file cannot be used: ${what}. Make a new one with \`latchkey init\`, or restore a copy.`);

/** Two keys from one secret, so that neither use can be turned into the other. @see RFC 5869 */
function makeRefreshKey(text: string): RefreshKey {
  const secret = Buffer.from(text, 'base64url');
  const subKey = (info: string) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', info, 32)));
  const tagKey = subKey('latchkey refresh tag');
  const deriveKey = subKey('latchkey refresh derive');
  return {
    tag: (payload) => createHmac('sha256', tagKey).update(payload).digest().subarray(0, 16),
    // A token has 98 characters, always: where it ends and the key begins is never in doubt.
    derive: (token, key) => createHmac('sha256', deriveKey).update(token).update(key).digest(),
  };
}
