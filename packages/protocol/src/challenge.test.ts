import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatChallenge, parseChallenges, saysInvalidToken } from './challenge.js';

describe('challenges', () => {
  it('are read back as they were written', () => {
    const name = fc.stringMatching(/^[a-z_]{1,12}$/);
    const value = fc.string({ unit: fc.constantFrom(' ', '!', '"', '\\', ',', '=', 'a', 'Z', '9', '/', ':') });
    fc.assert(
      fc.property(fc.dictionary(name, value), (parameters) => {
        const header = formatChallenge('Bearer', parameters);
        expect(parseChallenges(`${header}, Basic realm="x"`)).toEqual([
          { scheme: 'bearer', parameters: { ...parameters } },
          { scheme: 'basic', parameters: { realm: 'x' } },
        ]);
      }),
    );
  });

  it('cannot be made to end the header: control characters and letters outside ASCII are replaced', () => {
    expect(formatChallenge('Bearer', { error: 'a\r\nSet-Cookie: x"\u0000é' })).toBe(
      String.raw`Bearer error="a??Set-Cookie: x\"??"`,
    );
  });

  it('have no space behind the scheme when there is nothing to say', () => {
    expect(formatChallenge('Bearer', {})).toBe('Bearer');
  });

  it.each([
    ['no challenge', '', []],
    ['a bare scheme', 'Bearer', [{ scheme: 'bearer', parameters: {} }]],
    [
      'values without quotes',
      'BEARER Error=invalid_token',
      [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    ],
    ['empty list members', ',, Bearer a="1",, b="2",', [{ scheme: 'bearer', parameters: { a: '1', b: '2' } }]],
    ['a comma in quotes', 'Bearer a="x, Basic y=z"', [{ scheme: 'bearer', parameters: { a: 'x, Basic y=z' } }]],
    ['an unclosed quote', 'Bearer a="1", b="2', [{ scheme: 'bearer', parameters: { a: '1', b: '' } }]],
  ])('are read: %s', (_, header, wanted) => {
    expect(parseChallenges(header)).toEqual(wanted);
  });

  it('keep a parameter named __proto__ as data', () => {
    const [challenge] = parseChallenges('Bearer __proto__="x", error="y"');
    expect(Object.getPrototypeOf(challenge?.parameters)).toBe(Object.prototype);
    expect(challenge?.parameters['error']).toBe('y');
  });

  it('are read in time that grows with the length, whatever the text', () => {
    const before = performance.now();
    for (const piece of [' ', ',', 'a', 'a ', 'a=', '"', 'a="', '\\', 'a=b,', '='])
      parseChallenges(piece.repeat(100_000));
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

describe('saysInvalidToken', () => {
  it.each([
    ['Bearer error="invalid_token"', true],
    ['bearer realm="x", error=invalid_token', true],
    ['DPoP error="invalid_token", algs="ES256"', true],
    ['Basic realm="x", Bearer error="invalid_token"', true],
    ['Negotiate abc/d+e==, Bearer error="invalid_token"', true],
    ['Negotiate abcde=, Bearer error="invalid_token"', true],
    ['Bearer', false],
    ['Bearer error="insufficient_scope"', false],
    ['Bearer error="insufficient_user_authentication", max_age="300"', false],
    ['Basic error="invalid_token"', false],
    ['Bearer error_description="error=invalid_token"', false],
    ['Bearer realm="x, Bearer error=invalid_token"', false],
    [null, false],
    [undefined, false],
  ])('takes %s for %s', (header, wanted) => {
    expect(saysInvalidToken(header)).toBe(wanted);
  });
});
