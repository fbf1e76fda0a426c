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
