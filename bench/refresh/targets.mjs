/** What the figures are held against, and whether they are within; a line each. */
export function targets({ sqlite, postgres }) {
  return [
    ...(sqlite ? sqliteTargets(sqlite.rates) : []),
    ...(postgres ? [share(postgres.rates, { store: 'PostgreSQL', least: 0.85 })] : []),
    ...[sqlite, postgres]
      .filter(Boolean)
      .flatMap(({ store, bySize, parts }) => [...flat(store, bySize), honest(store, parts)]),
  ];
}

const line = (isMet, text) => `- ${isMet ? 'met' : '**not met**'}: ${text}`;
const percent = (part) => `${(part * 100).toFixed(0)} %`;
const at32 = (rates, name) => rates.find(({ contender, clients }) => contender === name && clients === 32);

function share(rates, { store, least }) {
  const part = at32(rates, 'Latchkey').perSecond / at32(rates, 'floor').perSecond;
  return line(part >= least, `${store}, 32 clients: ${percent(part)} of the floor (≥ ${percent(least)})`);
}

function sqliteTargets(rates) {
  const [ours, floor] = ['Latchkey', 'floor'].map((name) => at32(rates, name));
  const late = ours.p99 / floor.p99;
  const lead = ours.perSecond / at32(rates, 'oidc-provider, in memory').perSecond;
  return [
    share(rates, { store: 'SQLite', least: 0.8 }),
    line(ours.cpu <= 350, `SQLite, 32 clients: ${Math.round(ours.cpu)} µs CPU a refresh (≤ 350)`),
    line(late <= 1.5, `SQLite, 32 clients: p99 ${late.toFixed(2)} × the floor's (≤ 1.5)`),
    line(lead >= 2, `SQLite, durable: ${lead.toFixed(2)} × oidc-provider in memory (≥ 2)`),
  ];
}

/** The dearest table against the smallest one, by CPU. */
function flat(store, bySize) {
  return ['own', 'strangers'].map((kind) => {
    const some = bySize.filter(({ sessions }) => sessions === kind);
    const most = Math.max(...some.map(({ cpu }) => cpu / some[0].cpu)) - 1;
    const [few, many] = [some[0], some.at(-1)].map(({ rows }) => rows.toLocaleString('en'));
    const which = kind === 'own' ? 'the same 32' : 'another each time';
    return line(
      most <= 0.1,
      `${store}, ${few} to ${many} sessions, ${which}: up to ${percent(most)} more CPU (≤ 10 %)`,
    );
  });
}

function honest(store, { ratio }) {
  return line(Math.abs(ratio - 1) <= 0.15, `${store}: the parts come to ${percent(ratio)} of the floor (85 to 115 %)`);
}
