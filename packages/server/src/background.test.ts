import { describe, expect, it } from 'vitest';
import { createBackground } from './background.js';

function recorded() {
  const lines: string[] = [];
  const write = (fields: object) => void lines.push(JSON.stringify(fields));
  return { lines, background: createBackground({ info: write, warn: write, error: write }) };
}

describe('work after the answer', () => {
  it('begins after what was going on, and is waited for', async () => {
    const { background } = recorded();
    const order: string[] = [];
    background.run(async () => {
      order.push('work');
      await Promise.resolve();
      order.push('done');
    });
    await Promise.resolve().then(() => order.push('answer'));
    await background.settled();
    expect(order).toEqual(['answer', 'work', 'done']);
  });

  it('that throws is logged without its message, and the rest goes on', async () => {
    const { background, lines } = recorded();
    let done = 0;
    background.run(() => Promise.reject(new RangeError('secret')));
    background.run(() => Promise.resolve(void (done += 1)));
    await background.settled();
    expect(done).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"background_failed","error":"RangeError"');
    expect(lines[0]).not.toContain('secret');
  });

  it('beyond 1,000 pieces is dropped and logged, and there is room again when they are done', async () => {
    const { background, lines } = recorded();
    let done = 0;
    const work = () => Promise.resolve(void (done += 1));
    for (let piece = 0; piece < 1001; piece += 1) background.run(work);
    await background.settled();
    expect([done, lines]).toEqual([1000, ['{"event":"background_full"}']]);
    background.run(work);
    await background.settled();
    expect(done).toBe(1001);
  });
});
