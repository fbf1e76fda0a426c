import { describe, expect, it } from 'vitest';
import { judgeNewPassword, mostBytes, readPassword } from './password-policy.js';

const isCommon = (text: string) => ['password', 'letmein1', 'iloveyou'].includes(text);
const judge = (typed: string) => judgeNewPassword(typed, 'ada@example.com', isCommon).kind;

describe('readPassword', () => {
  it('composes accents, so that two keyboards type one password', () => {
    expect(readPassword('cafe\u0301 au lait')).toEqual(readPassword('café au lait'));
  });

  it('keeps NUL, spaces at both ends and every character', () => {
    expect(readPassword(' a\u0000b ')).toEqual({ kind: 'ok', password: ' a\u0000b ' });
  });

  it.each([
    ['1,024 bytes are taken', 'x'.repeat(mostBytes), 'ok'],
    ['1,025 bytes are refused', 'x'.repeat(mostBytes + 1), 'too_long'],
    ['bytes are counted, not characters', 'é'.repeat(mostBytes / 2 + 1), 'too_long'],
    ['512 characters of two bytes are taken', 'é'.repeat(mostBytes / 2), 'ok'],
    ['a megabyte is refused', 'x'.repeat(1_000_000), 'too_long'],
    ['a lone surrogate is refused', 'abcdefg\ud800', 'malformed'],
  ])('%s', (_title, typed, kind) => {
    expect(readPassword(typed).kind).toBe(kind);
  });
});

describe('judgeNewPassword', () => {
  it.each([
    ['7 characters', 'abcdefg', 'too_short'],
    ['8 characters', 'zqjxkvbw', 'ok'],
    ['7 characters of four bytes each', '🦊🐙🦉🐝🦋🐢🦔', 'too_short'],
    ['a common one', 'PassWord', 'too_common'],
    ['a common one with digits behind', 'password123!', 'too_common'],
    ['one character again and again', 'aaaaaaaaaaaa', 'too_common'],
    ['two characters again and again', 'abababababab', 'too_common'],
    ['the user name', 'ADA@example.com', 'like_username'],
    ['a passphrase without digits or capitals', 'correct horse battery staple', 'ok'],
  ])('%s', (_title, typed, kind) => {
    expect(judge(typed)).toBe(kind);
  });

  it('takes the part before @ for the user name too', () => {
    expect(judgeNewPassword('adalovelace', 'adalovelace@example.com', isCommon).kind).toBe('like_username');
  });
});
