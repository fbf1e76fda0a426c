import { decodeBase64Url } from '@latchkey/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBytes, decodeObject } from './node-decode.js';

const plain = (bytes: Uint8Array | undefined): Uint8Array | undefined => bytes && Uint8Array.from(bytes);

it('takes and refuses the same texts as the decoder of the protocol', () => {
  const near = fc.stringMatching(/^[\w=+/ \n-]{0,12}$/);
  fc.assert(
    fc.property(fc.oneof(near, fc.string({ unit: 'binary' }), fc.stringMatching(/^[\w-]{0,12}$/)), (text) => {
      expect(plain(decodeBytes(text))).toEqual(decodeBase64Url(text));
    }),
    { numRuns: 3_000 },
  );
});

it('reads objects of JSON in UTF-8 and nothing else', () => {
  const encode = (text: string | number[]): string => Buffer.from(text as string).toString('base64url');
  expect(decodeObject(encode('{"name":"Zo\u00eb"}'))).toEqual({ name: 'Zo\u00eb' });
  for (const text of ['[]', '', '{', '\ufeff{}', [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]]) {
    expect(decodeObject(encode(text))).toBeUndefined();
  }
});
