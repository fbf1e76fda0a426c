/**
 * Code of which no mutant could ever be seen, with the reason. Named by the code itself, as it stands in the file: when
 * it changes, it is judged anew.
 */
const equivalents = [
  {
    code: '/^[a-z]+:\\/\\//i.test(url)',
    reason: 'Saves the parsing of a base that has no say: only a benchmark sees it.',
  },
  { code: "search === ''", reason: 'A short cut: without it an empty query is looked through.' },
  { code: "text.includes('%')", reason: 'A short cut: without it a text is decoded into itself.' },
  {
    code: 'state.drift === undefined',
    reason: 'Of the first input alone, before which no record is known that a clock could cast doubt on.',
  },
  { code: "verdict.kind === 'transient'", reason: 'Asked for by the types: no other verdict has the status 0.' },
  { code: "ownerOf(state.record) ?? ''", reason: 'Asked for by the types: a session that is refreshed has an owner.' },
  { code: "session?.id ?? ''", reason: 'Asked for by the types: only a record with a session is ended.' },
  { code: "session?.accessToken ?? ''", reason: 'Of no session any text will do that is no token.' },
  { code: 'after > before', reason: 'They differ: that has been asked.' },
  { code: 'epoch > record.epoch', reason: 'They differ: that has been asked.' },
  { code: 'claims.iat === undefined', reason: 'Asked for by the types: nothing is later than no time.' },
  { code: 'text === null', reason: 'Asked for by the types: parsed, it is no record either.' },
  { code: "text ?? '[]'", reason: 'What cannot be parsed is an empty timeline, too.' },
];

const plain = (code) => code.replace(/\s+/g, ' ');
const reasons = new Map(equivalents.map(({ code, reason }) => [plain(code), reason]));

/** Stryker's way to leave code out: it asks at each expression. */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'equivalent',
    value: { shouldIgnore: (path) => (path.isExpression() ? reasons.get(plain(path.toString())) : undefined) },
  },
];
