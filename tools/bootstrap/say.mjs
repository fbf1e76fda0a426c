/** Prints calm lines: `say(text)`, and `say.begin(text)`, which gives a function that adds the seconds it took. */
export function speaker(write = (text) => process.stdout.write(text)) {
  const say = (text) => write(`  ${text}\n`);
  say.begin = (text) => {
    const start = performance.now();
    write(`  ${text} … `);
    return (outcome = '') => write(`${outcome}${outcome && ' '}${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  };
  return say;
}
