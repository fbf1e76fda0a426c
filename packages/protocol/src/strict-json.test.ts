import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictObject } from './strict-json.js';

const marks = ['{', '}', '[', ']', ':', ',', '"', '\\', 'u', 'a', '1', 'e', '-', '.', '0', ' ', '\n'] as const;

describe('parseStrictObject', () => {
  it('reads what JSON.stringify writes', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2, '\t'), (object, indent) => {
        const text = JSON.stringify(object, undefined, indent);
        const expected = JSON.stringify(object).includes('"__proto__":') ? undefined : JSON.parse(text);
        expect(parseStrictObject(text)).toEqual(expected);
      }),
    );
  });

  it('reads nothing that JSON.parse does not, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...marks), maxLength: 24 }), (text) => {
        const read = parseStrictObject(text);
        if (read) expect(read).toEqual(JSON.parse(text));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['a member that stands twice', '{"a":1,"a":1}'],
    ['one that stands twice in two spellings', String.raw`{"sub":1,"\u0073ub":2}`],
    ['one that stands twice far inside', '{"x":[{"y":{"a":1,"b":2,"a":3}}]}'],
    ['a member __proto__', '{"__proto__":{"admin":true}}'],
    ['a member __proto__ in disguise', String.raw`{"x":{"\u005f_proto__":1}}`],
    ['an array', '[1]'],
    ['a string', '"a"'],
    ['null', 'null'],
    ['nothing', ''],
    ['a byte order mark', '\uFEFF{}'],
    ['text behind the object', '{} {}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{/**/}'],
    ['a raw newline in a string', '{"a":"\n"}'],
  ])('refuses %s', (_, text) => {
    expect(parseStrictObject(text)).toBeUndefined();
  });

  it('does not take colons, quotes and brackets inside strings for members', () => {
    const text = JSON.stringify({ a: ':":{"a":1,"a":2}\\":', '":': ['\\', '\\"', ':'], b: { a: 1 }, c: { a: 1 } });
    expect(parseStrictObject(text)).toEqual(JSON.parse(text));
  });

  it('nests 64 deep and no deeper', () => {
    const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
    const list = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(parseStrictObject(nested(64))).toBeDefined();
    expect(parseStrictObject(nested(65))).toBeUndefined();
    expect(parseStrictObject(list(64))).toBeDefined();
    expect(parseStrictObject(list(65))).toBeUndefined();
    expect(parseStrictObject(nested(10_000))).toBeUndefined();
    expect(parseStrictObject('['.repeat(1_000_000))).toBeUndefined();
  });

  it('answers instead of throwing for text of any length', () => {
    expect(() => parseStrictObject(`{"a":"${'x'.repeat(30_000_000)}"}`)).not.toThrow();
    expect(parseStrictObject(`{"a":"${'x'.repeat(30_000_000)}`)).toBeUndefined();
  });

  it('leaves __proto__ out where asked to, at any depth, and pollutes nothing', () => {
    const text = String.raw`{"a":1,"__proto__":{"admin":true},"b":[{"\u005f_proto__":{"admin":true},"c":2}]}`;
    const read = parseStrictObject(text, 'ignore-proto');
    expect(read).toEqual({ a: 1, b: [{ c: 2 }] });
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.keys(read ?? {})).toEqual(['a', 'b']);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('refuses a twofold __proto__ also where it is left out', () => {
    expect(parseStrictObject('{"__proto__":1,"__proto__":2}', 'ignore-proto')).toBeUndefined();
  });
});
