import { describe, expect, it } from 'vitest';
import { isEmailAddress } from './email-address.js';

describe('isEmailAddress', () => {
  it.each(['ada@example.com', "o'hara+tag@mail.example.co.uk", 'жанна@почта.рф', `${'x'.repeat(64)}@a.de`])(
    'knows %s',
    (text) => {
      expect(isEmailAddress(text)).toBe(true);
    },
  );

  it.each([
    ['a name', 'ada'],
    ['nothing before the @', '@example.com'],
    ['a host without a dot', 'ada@localhost'],
    ['two hosts', 'ada@a.example@b.example'],
    ['a list', 'ada@a.example,eve@b.example'],
    ['a list after a semicolon', 'ada@a.example;eve'],
    ['a name beside it', 'Ada <ada@a.example>'],
    ['a group', 'all:ada@a.example'],
    ['a quoted part', '"a b"@a.example'],
    ['a comment', 'ada(x)@a.example'],
    ['a space', 'ada @a.example'],
    ['a header', 'ada@a.example\r\nBcc: eve@b.example'],
    ['a header before the @', 'ada\r\nBcc:eve@b.example'],
    ['a line end at the end', 'ada@a.example\n'],
    ['a NUL', 'ada\u0000@a.example'],
    ['a direction mark', 'ada\u202e@a.example'],
    ['an address of a machine', 'ada@[127.0.0.1]'],
    ['an empty label', 'ada@a..example'],
    ['a label that begins with a hyphen', 'ada@-a.example'],
    ['a local part of 65 characters', `${'x'.repeat(65)}@a.de`],
    ['255 characters', `ada@${'x.'.repeat(124)}abc`],
  ])('refuses %s', (_title, text) => {
    expect(isEmailAddress(text)).toBe(false);
  });
});
