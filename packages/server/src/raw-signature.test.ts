import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rawSignature } from './raw-signature.js';

/** DER of two integers, minimal as OpenSSL writes it. */
function der(...integers: readonly bigint[]): Buffer {
  const parts = integers.map((integer) => {
    const hex = integer.toString(16);
    const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
    const positive = bytes.readUInt8(0) < 128 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
    return Buffer.concat([Buffer.from([2, positive.length]), positive]);
  });
  const all = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30, all.length]), all]);
}

const hex = (integer: bigint): string => integer.toString(16).padStart(64, '0');

describe('rawSignature', () => {
  const largest = 2n ** 256n - 1n;
  it.each([
    ['of full length', 2n ** 254n + 5n, 2n ** 254n + 7n],
    ['whose first bit is set', largest, 2n ** 255n],
    ['with leading zero bytes', 2n ** 247n, 2n ** 200n],
    ['of one byte', 1n, 127n],
    ['of one byte whose first bit is set', 128n, 255n],
    ['of unlike lengths', 1n, largest],
    ['of unlike lengths, the other way round', largest, 1n],
  ])('keeps r and s %s, each in its 32 bytes', (_title, r, s) => {
    expect(rawSignature(der(r, s)).toString('hex')).toBe(hex(r) + hex(s));
  });

  it('makes of real signatures what verifies as r ‖ s', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const how = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    // One in 128 has a leading zero byte: among so many there are some.
    for (let at = 0; at < 1000; at += 1) {
      const data = Buffer.from(String(at));
      expect(verify('sha256', data, how, rawSignature(sign('sha256', data, privateKey))), String(at)).toBe(true);
    }
  });
});
