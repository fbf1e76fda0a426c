import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type KeyFile, generateKeys, loadKeys } from './keys.js';
import { hashSecret, readRefreshToken, writeRefreshToken } from './refresh-tokens.js';

const parts = (keyId: number) => ({
  keyId,
  sessionId: 'AAAAAAAAAAAAAAAAAAAAAA',
  generation: 7,
  secret: new Uint8Array(32).fill(9),
});

describe('keys', () => {
  it('signs what the published key verifies, and publishes nothing private', async () => {
    const keys = await loadKeys(await generateKeys());
    const signature = Buffer.from(keys.sign('header.claims'), 'base64url');
    const [jwk] = keys.jwks.keys as [Record<string, string>];
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    expect(verify('sha256', Buffer.from('header.claims'), { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    expect(keys.verify(keys.signingKeyId, 'header.claims', signature)).toBe(true);
    expect(keys.verify('other', 'header.claims', signature)).toBe(false);
    expect(jwk).toMatchObject({ kid: keys.signingKeyId, alg: 'ES256', use: 'sig' });
    expect(Object.keys(jwk)).not.toContain('d');
  });

  it('makes different keys each time', async () => {
    const [one, other] = await Promise.all([generateKeys(), generateKeys()]);
    expect(one.signing.signWith).not.toBe(other.signing.signWith);
    expect(one.refresh.secrets['1']).not.toBe(other.refresh.secrets['1']);
  });

  const broken: [string, (file: KeyFile) => unknown][] = [
    ['nothing', () => undefined],
    ['another version', (file) => ({ ...file, version: 2 })],
    ['a signing key that is not there', (file) => ({ ...file, signing: { ...file.signing, signWith: 'other' } })],
    ['a minting key that is not there', (file) => ({ ...file, refresh: { ...file.refresh, mintWith: 9 } })],
    ['a short secret', (file) => ({ ...file, refresh: { mintWith: 1, secrets: { '1': 'c2hvcnQ' } } })],
    [
      'an id above 255',
      (file) => ({
        ...file,
        refresh: { ...file.refresh, secrets: { ...file.refresh.secrets, '256': 'A'.repeat(43) } },
      }),
    ],
    [
      'a key that is no point of the curve',
      (file) => ({ ...file, signing: { ...file.signing, keys: [{ ...file.signing.keys[0], x: 'A'.repeat(43) }] } }),
    ],
  ];
  it.each(broken)('refuses a file with %s, and quotes no key', async (_title, breakIt) => {
    const file = await generateKeys();
    const loading = loadKeys(breakIt(file));
    await expect(loading).rejects.toMatchObject({ name: 'ConfigError', code: 'ERR_CONFIG' });
    const message = await loading.catch((error: unknown) => String(error));
    for (const secret of [file.signing.keys[0]!.d, file.refresh.secrets['1']!]) expect(message).not.toContain(secret);
  });
});

describe('refresh tokens', () => {
  it('are authentic as they were written, and not with any one character changed', async () => {
    const keys = await loadKeys(await generateKeys());
    const text = writeRefreshToken(keys, parts(1));
    const verdict = readRefreshToken(keys, text);
    expect(verdict).toMatchObject({
      kind: 'authentic',
      token: { generation: 7, tokenHash: hashSecret(parts(1).secret) },
    });
    for (let at = 4; at < text.length; at += 1) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      expect(readRefreshToken(keys, changed).kind, changed).not.toBe('authentic');
    }
  });

  it('of another server are forged', async () => {
    const [mine, other] = [await loadKeys(await generateKeys()), await loadKeys(await generateKeys())];
    expect(readRefreshToken(mine, writeRefreshToken(other, parts(1))).kind).toBe('forged');
  });

  it('of a key id above the highest known one get no verdict, of an unknown lower one they are retired', async () => {
    const file = await generateKeys();
    const secret = file.refresh.secrets['1']!;
    const withIds = (...ids: number[]) =>
      loadKeys({ ...file, refresh: { mintWith: ids[0], secrets: Object.fromEntries(ids.map((id) => [id, secret])) } });
    const lagging = await withIds(4);
    const leading = await withIds(5, 3);
    expect(readRefreshToken(lagging, writeRefreshToken(leading, parts(5))).kind).toBe('from-the-future');
    expect(readRefreshToken(lagging, writeRefreshToken(leading, parts(3))).kind).toBe('retired');
  });

  it('lead to a successor that depends on token, key and secret, and on nothing else', async () => {
    const keys = await loadKeys(await generateKeys());
    const derive = (token: string, key: string) => Buffer.from(keys.refreshKey(1)!.derive(token, key)).toString('hex');
    const token = writeRefreshToken(keys, parts(1));
    const other = writeRefreshToken(keys, { ...parts(1), generation: 8 });
    expect(derive(token, 'key-1')).toBe(derive(token, 'key-1'));
    expect(new Set([derive(token, 'key-1'), derive(token, 'key-2'), derive(other, 'key-1')]).size).toBe(3);
  });
});
