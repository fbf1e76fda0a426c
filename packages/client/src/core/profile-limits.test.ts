import { describe, expect, it } from 'vitest';
import { checkProfile, profileLimit } from './profile-limits.js';

const codeOf = (patch: unknown): string | undefined => {
  try {
    checkProfile(patch);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a profile (M9)', () => {
  it('takes plain JSON up to its limit in bytes of UTF-8, and no more', () => {
    const room = profileLimit - '{"a":""}'.length;
    expect(codeOf({ a: 'x'.repeat(room) })).toBeUndefined();
    expect(codeOf({ a: 'x'.repeat(room + 1) })).toBe('ERR_PROFILE_TOO_LARGE');
    expect(codeOf({ a: 'é'.repeat(room / 2) })).toBeUndefined();
    expect(codeOf({ a: 'é'.repeat(room / 2 + 1) })).toBe('ERR_PROFILE_TOO_LARGE');
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  it.each([
    ['a File', { a: new File(['x'], 'x.png') }, 'a file or another special object at "a"'],
    ['a Blob, deep within', { a: [{ b: new Blob(['x']) }] }, 'a file or another special object at "b"'],
    ['a data URL', { avatar: 'data:image/png;base64,AAAA' }, 'a data URL at "avatar"'],
    ['a Map', { a: new Map() }, 'a file or another special object at "a"'],
    ['bytes', { a: new Uint8Array(3) }, 'a file or another special object at "a"'],
    ['a cycle', cycle, 'something that is no JSON'],
    ['a bigint', { a: 5n }, 'something that is no JSON'],
    ['a function', { a: () => undefined }, 'a function at "a"'],
  ])('refuses %s with a message that names it and says what to do', (_, patch, what) => {
    expect(codeOf(patch)).toBe('ERR_PROFILE_NOT_JSON');
    expect(() => checkProfile(patch)).toThrow(`The profile holds ${what}. Upload files to your API`);
  });

  it('says by how much it is too large, and what the platform says against other things', () => {
    expect(() => checkProfile('x'.repeat(9000))).toThrow('may be 8192 bytes of JSON, this is 9002.');
    let cause: unknown;
    try {
      checkProfile(cycle);
    } catch (error) {
      ({ cause } = error as Error);
    }
    expect(cause).toBeInstanceOf(TypeError);
  });

  it('takes lists, null, nested objects and objects without a prototype', () => {
    expect(codeOf({ a: [1, null, { b: true }], c: Object.assign(Object.create(null), { d: 1 }) })).toBeUndefined();
    expect(codeOf({ note: 'my data: none' })).toBeUndefined();
    expect(codeOf({ note: 'see data:text/plain, above' })).toBeUndefined();
  });
});
