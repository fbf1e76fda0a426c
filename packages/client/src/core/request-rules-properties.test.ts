import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ParsedUrl, createRequestRules } from './request-rules.js';

const page = 'https://app.example.com/start/here';
const parseUrl = (text: string, base?: string): URL | undefined => URL.parse(text, base) ?? undefined;
const apis = ['https://api.example.com', 'https://other.example.com/v1', '/api', 'http://localhost:8000/a/b'];
const rules = createRequestRules({ apis, pageUrl: () => page, parseUrl });
const homes = apis.map((api) => new URL(api, page));

/** Pieces that URL parsers have been fooled with; joined without thought. */
const piece = fc.constantFrom(
  ...[
    'https:',
    'http:',
    'HTTPS:',
    'blob:',
    'javascript:',
    '/',
    '//',
    '///',
    '\\',
    '\t',
    '\r\n',
    '\0',
    ' ',
    '@',
    ':',
    ';',
  ],
  ...[
    'api.example.com',
    'API.EXAMPLE.COM',
    'api%2eexample.com',
    'api。example.com',
    'other.example.com',
    'evil.com',
    '.',
  ],
  ...[
    'app.example.com',
    'localhost',
    ':443',
    ':8000',
    ':0',
    '[::1]',
    '127.1',
    '0x7f.1',
    'xn--',
    '＠',
    '／',
    '%40',
    'me:pw@',
  ],
  ...['api', 'v1', 'a', 'b', 'v1x', '..', '.', '%2e%2e', '%2E.', '%2f', '%5C', '..;', '%252e', 'é', '\u202e', '\ud800'],
  ...['?', '#', '?next=//evil.com', '#@api.example.com'],
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc
    .tuple(fc.constantFrom(...homes.map(({ href }) => href), '/api/', 'a/b/'), fc.array(piece, { maxLength: 6 }))
    .map(([home, pieces]) => home + pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
);

/** The rules once more, written from the URL parser's parts and by whole segments. */
function belongs(url: URL | undefined): boolean {
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.username !== '' || url.password !== '') return false;
  return homes.some((home) => {
    if (url.protocol !== home.protocol || url.host !== home.host) return false;
    const prefix = segments(home.pathname).filter(Boolean);
    if (prefix.length === 0) return true;
    const isWithin = prefix.every((segment, index) => segments(url.pathname)[index + 1] === segment);
    return isWithin && !decoded(url.pathname).includes('..');
  });
}

const segments = (path: string): string[] => path.split('/');

/** As a server reads a path that takes encoded slashes, backslashes and parameters for what they are. */
const decoded = (path: string): string[] =>
  path
    .replace(/%2e/gi, '.')
    .replace(/%2f|%5c|[\\;]/gi, '/')
    .split('/');

it('E29: the token is attached exactly where the platform’s own URL parser says that the API is', () => {
  const seen = { attach: 0, plain: 0 };
  fc.assert(
    fc.property(text, (given) => {
      const url = parseUrl(given, page);
      const decision = rules.decide(given, []);
      if (decision.kind === 'refused') throw new Error('There is no secret in it.');
      expect(decision.kind).toBe(belongs(url) ? 'attach' : 'plain');
      expect(decision.url).toBe(url?.href ?? given);
      seen[decision.kind] += 1;
    }),
    { numRuns: 4000 },
  );
  expect(seen.attach).toBeGreaterThan(200);
  expect(seen.plain).toBeGreaterThan(200);
});

it('E29: what is sent is what was judged: parsed again, it goes to the same place', () => {
  fc.assert(
    fc.property(text, (given) => {
      const first = rules.decide(given, []);
      if (first.kind === 'refused' || !parseUrl(given, page)) return;
      expect(rules.decide(first.url, [])).toEqual(first);
    }),
    { numRuns: 2000 },
  );
});

it('E29: a parser that cannot read a text, or reads it as of no page, gives no token', () => {
  const blind = createRequestRules({ apis: apis.filter((api) => api !== '/api'), pageUrl: () => undefined, parseUrl });
  fc.assert(
    fc.property(text, (given) => {
      const absolute: ParsedUrl | undefined = parseUrl(given);
      const decision = blind.decide(given, []);
      if (!absolute) expect(decision).toEqual({ kind: 'plain', url: given });
    }),
  );
});
