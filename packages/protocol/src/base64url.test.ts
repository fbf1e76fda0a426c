import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64Url, decodeUtf8, encodeBase64Url } from './base64url.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('base64url', () => {
  it('writes what Node writes, and reads it back, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (value) => {
        const text = encodeBase64Url(value);
        expect(text).toBe(Buffer.from(value).toString('base64url'));
        expect(decodeBase64Url(text)).toEqual(Uint8Array.from(value));
      }),
    );
  });

  it('gives each value one spelling: what it reads, it writes again letter by letter', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w-]{0,40}$/), (text) => {
        const value = decodeBase64Url(text);
        if (value) expect(encodeBase64Url(value)).toBe(text);
        else expect(Buffer.from(text, 'base64url').toString('base64url')).not.toBe(text);
      }),
    );
  });

  it.each([
    ['padding', 'AA=='],
    ['white space', 'AA AA'],
    ['a trailing newline', 'AAAA\n'],
    ['plain base64', '+/+/'],
    ['an impossible length', 'AAAAA'],
    ['stray bits behind one byte', 'AB'],
    ['stray bits behind two bytes', 'AAB'],
    ['a letter outside ASCII', 'AAAé'],
    ['a letter beyond the look-up table', 'AAA\u{1f511}'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });
});

describe('UTF-8', () => {
  it('reads every text that has no lone surrogate, the percent sign and NUL included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
      }),
    );
    expect(decodeUtf8(new TextEncoder().encode('100 %41 \0 ü 日本 \u{1f511}'))).toBe('100 %41 \0 ü 日本 \u{1f511}');
  });

  it('agrees with the strict TextDecoder on any bytes', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const reference = (value: Uint8Array): string | undefined => {
      try {
        return decoder.decode(value);
      } catch {
        return undefined;
      }
    };
    const nasty = fc.constantFrom(0x25, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xa0, 0xef, 0xf0, 0xf4, 0xff);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(255), nasty), { maxLength: 12 }), (values) => {
        expect(decodeUtf8(bytes(...values))).toBe(reference(bytes(...values)));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['an over-long form', bytes(0xc0, 0xaf)],
    ['a surrogate', bytes(0xed, 0xa0, 0x80)],
    ['a continuation alone', bytes(0x80)],
    ['a sequence cut off', bytes(0xe2, 0x82)],
    ['more than U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80)],
  ])('refuses %s', (_, value) => {
    expect(decodeUtf8(value)).toBeUndefined();
  });
});
