import { describe, expect, it } from 'vitest';
import { makeOneTimeToken, readOneTimeToken } from './one-time-tokens.js';
import { pooledRandom } from './random.js';

describe('a one-time token', () => {
  const { text, tokenHash } = makeOneTimeToken(pooledRandom());

  it('is a prefix and 32 bytes, found by their hash, and never twice the same', () => {
    expect(text).toMatch(/^lko1_[\w-]{43}$/);
    expect(readOneTimeToken(text)).toBe(tokenHash);
    expect(tokenHash).toMatch(/^[\w-]{43}$/);
    expect(makeOneTimeToken(pooledRandom()).text).not.toBe(text);
  });

  it.each([
    ['another prefix', text.replace('lko1_', 'lk1_')],
    ['no prefix', text.slice(5)],
    ['a character less', text.slice(0, -1)],
    ['a character more', `${text}A`],
    ['stray bits at the end', `lko1_${'A'.repeat(42)}B`],
    ['nothing', ''],
    ['a space', ` ${text}`],
  ])('is not read with %s', (_title, changed) => {
    expect(readOneTimeToken(changed)).toBeUndefined();
  });
});
