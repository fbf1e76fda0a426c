import { describe, expect, it } from 'vitest';
import { ConfigError, SignedOutError, TransientError, isSessionError } from './errors.js';

describe('isSessionError', () => {
  it('knows ours by shape, also from another copy of the library', () => {
    const fromElsewhere = Object.assign(new Error('x'), { kind: 'transient', code: 'ERR_NETWORK' });
    for (const error of [new ConfigError('x'), new SignedOutError('ERR_REFUSED', 'x'), fromElsewhere]) {
      expect(isSessionError(error)).toBe(true);
    }
  });

  it.each([
    ['null', null],
    ['a string', 'ERR_NETWORK'],
    ["Node's own errors", Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['an error with a code that is an object', Object.assign(new Error('x'), { kind: 'x', code: Object.create(null) })],
  ])('does not claim %s', (_, value) => {
    expect(isSessionError(value)).toBe(false);
  });

  it('keeps the cause, and has none where none was given', () => {
    const cause = new TypeError('fetch failed');
    expect(new TransientError('ERR_NETWORK', 'x', { cause }).cause).toBe(cause);
    expect('cause' in new TransientError('ERR_NETWORK', 'x')).toBe(false);
  });
});
