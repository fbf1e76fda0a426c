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
    ['a File', { a: new File(['x'], 'x.png') }],
    ['a Blob, deep within', { a: [{ b: new Blob(['x']) }] }],
    ['a data URL', { avatar: 'data:image/png;base64,AAAA' }],
    ['a Map', { a: new Map() }],
    ['bytes', { a: new Uint8Array(3) }],
    ['a cycle', cycle],
    ['a bigint', { a: 5n }],
    ['a function', { a: () => undefined }],
  ])('refuses %s with a message that says what to do', (_, patch) => {
    expect(codeOf(patch)).toBe('ERR_PROFILE_NOT_JSON');
    expect(() => checkProfile(patch)).toThrow(/API/);
  });

  it('takes lists, null, nested objects and objects without a prototype', () => {
    expect(codeOf({ a: [1, null, { b: true }], c: Object.assign(Object.create(null), { d: 1 }) })).toBeUndefined();
    expect(codeOf({ note: 'my data: none' })).toBeUndefined();
  });
});
