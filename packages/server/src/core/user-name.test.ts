import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalUsername } from './user-name.js';

describe('canonicalUsername', () => {
  it.each([
    ['case', 'Ada', 'ada'],
    ['spaces around', '  ada\t', 'ada'],
    ['full-width letters', 'ＡＤＡ', 'ada'],
    ['the Kelvin sign', '\u212Aelvin', 'kelvin'],
    ['a zero-width space', 'a\u200Bda', 'ada'],
    ['a zero-width joiner, a soft hyphen, a word joiner', 'a\u200D\u00AD\u2060da', 'ada'],
    ['a direction mark', '\u202Eada', 'ada'],
    ['decomposed accents', 'ame\u0301lie', 'amélie'],
    ['sharp s', 'Strauß', 'strauss'],
    ['the two sigmas', 'ΟΔΥΣΣΕΥΣ', canonicalUsername('οδυσσευς')],
    ['an e-mail address', ' Ada@Example\u200B.COM', 'ada@example.com'],
    ['an e-mail address no further than its mailbox stays the same', 'Anna@Straße.de', 'anna@straße.de'],
    ['an e-mail address with a full-width sign', 'weiß＠example.com', 'weiß@example.com'],
  ])('folds %s', (_title, typed, expected) => {
    expect(canonicalUsername(typed)).toBe(expected);
  });

  it.each([
    ['nothing', ''],
    ['only invisible characters', '\u200B \u2060'],
    ['a line end', 'ada\r\nX-Evil: 1'],
    ['a NUL', 'a\u0000da'],
    ['a lone surrogate', 'a\ud800'],
    ['a line separator', 'a\u2028b'],
    ['255 characters', 'a'.repeat(255)],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('refuses %s', (_title, typed) => {
    expect(canonicalUsername(typed)).toBeUndefined();
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (typed) => {
        const once = canonicalUsername(typed);
        if (once !== undefined) expect(canonicalUsername(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('makes upper and lower case of a name one account', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (typed) => {
        const name = canonicalUsername(typed);
        if (name === undefined || name.includes('@')) return;
        expect(canonicalUsername(typed.toUpperCase())).toBe(name);
        expect(canonicalUsername(` ${typed}\u200B`)).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });
});
