import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { derSignature } from './der-signature.js';

const number = (...bytes: readonly number[]): Buffer =>
  Buffer.concat([Buffer.alloc(32 - bytes.length), Buffer.from(bytes)]);
const hex = (r: Buffer, s: Buffer): string => Buffer.from(derSignature(Buffer.concat([r, s]))).toString('hex');

it('writes each integer without leading zeros, and with one where it would be negative', () => {
  expect(hex(number(1), number(127))).toBe('300602010102017f');
  expect(hex(number(128), number(1, 0))).toBe('3008020200800202' + '0100');
  expect(hex(number(0), number(0))).toBe('3006020100020100');
  const full = Buffer.alloc(32, 0xff);
  expect(hex(full, full)).toBe(`3046022100${full.toString('hex')}022100${full.toString('hex')}`);
});

it('makes of real signatures what verifies, and of altered ones what does not', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // One in 128 has a leading zero byte: among so many there are some.
  for (let at = 0; at < 1000; at += 1) {
    const data = Buffer.from(String(at));
    const raw = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(verify('sha256', data, publicKey, derSignature(raw)), String(at)).toBe(true);
    raw.writeUInt8(raw.readUInt8(at % 64) ^ 1, at % 64);
    expect(verify('sha256', data, publicKey, derSignature(raw)), String(at)).toBe(false);
  }
});
