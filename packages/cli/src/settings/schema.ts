import * as v from 'valibot';
import { readSmtpUrl } from './smtp-url.js';

/** Messages are the fix: the setting and its value are put before them. */
const wholeAbove0 = v.pipe(
  v.number('give whole seconds above 0.'),
  v.check((value) => Number.isSafeInteger(value) && value > 0, 'give whole seconds above 0.'),
);
const text = (fix: string) => v.pipe(v.string(fix), v.nonEmpty(fix));
const yesOrNo = v.boolean('give true or false.');
const portFix = 'give a number from 0 to 65535; 0 takes any free port.';
const address = 'give the address that browsers use, as in "https://auth.example.com".';
const store =
  'give sqlite:PATH, as in "sqlite:data/latchkey.db", or postgres://USER@HOST:5432/DATABASE; special characters as %XX.';
const page = 'give a page of your app, as in "https://app.example.com/new-password".';
const smtp =
  'give smtps://USER:PASSWORD@HOST:PORT, or smtp:// for STARTTLS, or without user and password; special characters as %XX.';
const sender = 'give one address, as in "no-reply@example.com" or "Example <no-reply@example.com>".';
const origins = 'name each origin exactly, as in "https://app.example.com": no wildcard, no path.';

/** With an `@` or a further slash behind the host, that would be a part of a password which is not encoded. */
const isPostgresUrl = (value: string): boolean =>
  /^postgres(ql)?:\/\/[^/?#]*(\/[^/?#@]*)?(\?[^#@]*)?$/.test(value) && URL.canParse(value);

/** The settings, as types and ranges; what they mean together is checked by the server. */
export const settingsSchema = v.strictObject({
  port: v.optional(
    v.pipe(
      v.number(portFix),
      v.check((value) => Number.isInteger(value) && value >= 0 && value <= 65_535, portFix),
    ),
    4000,
  ),
  host: v.optional(text('give an address of this machine, as in "127.0.0.1" or "0.0.0.0".'), '127.0.0.1'),
  store: v.optional(
    v.pipe(
      v.string(store),
      v.check((value) => /^sqlite:./.test(value) || isPostgresUrl(value), store),
    ),
  ),
  issuer: v.optional(text(address)),
  audience: v.optional(text('give a text, or leave it out for the issuer.')),
  prefix: v.optional(v.string('give path segments, as in "/auth".')),
  preset: v.optional(v.picklist(['everyday', 'bank'], 'choose "everyday" or "bank".'), 'everyday'),
  allowOrigins: v.optional(v.array(v.pipe(v.string(origins), v.notValue('*', origins)), origins), []),
  keyFile: v.optional(text('give the path of the key file.')),
  lifetimes: v.optional(
    v.strictObject({
      accessSeconds: v.optional(wholeAbove0),
      idleSeconds: v.optional(wholeAbove0),
      absoluteSeconds: v.optional(v.union([v.literal('off'), wholeAbove0], 'give whole seconds above 0, or "off".')),
    }),
    {},
  ),
  smtpUrl: v.optional(
    v.pipe(
      v.string(smtp),
      v.check((url) => readSmtpUrl(url) !== undefined, smtp),
    ),
  ),
  mailFrom: v.optional(
    v.pipe(
      v.string(sender),
      v.regex(/^([^<>@,;:"\p{C}]+ <[^\s<>@,;:"]+@[^\s<>@,;:"]+>|[^\s<>@,;:"]+@[^\s<>@,;:"]+)$/u, sender),
    ),
  ),
  resetLink: v.optional(text(page)),
  verifyLink: v.optional(text(page)),
  trustProxy: v.optional(yesOrNo, false),
  allowHttp: v.optional(yesOrNo, false),
  migrate: v.optional(yesOrNo, false),
  logLevel: v.optional(v.picklist(['info', 'warn', 'error'], 'choose "info", "warn" or "error".'), 'info'),
  logFormat: v.optional(v.picklist(['text', 'json'], 'choose "text" or "json".')),
});

/** Settings with a sound type each. */
export type RawSettings = v.InferOutput<typeof settingsSchema>;
