import { describe, expect, it } from 'vitest';
import { createBackground } from './background.js';

function recorded(patience?: number) {
  const lines: string[] = [];
  const write = (fields: object) => void lines.push(JSON.stringify(fields));
  return { lines, background: createBackground({ info: write, warn: write, error: write }, patience) };
}

describe('work after the answer', () => {
  it('begins after what was going on, and is waited for', async () => {
    const { background } = recorded();
    const order: string[] = [];
    background.run('r', async () => {
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
    background.run('r', () => Promise.reject(new RangeError('secret')));
    background.run('r', () => Promise.resolve(void (done += 1)));
    await background.settled();
    expect(done).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"background_failed","request_id":"r","error":"RangeError"');
    expect(lines[0]).not.toContain('secret');
  });

  it('is logged with name and code of the cause', async () => {
    const { background, lines } = recorded();
    const cause = Object.assign(new TypeError('secret'), { code: '57P01' });
    background.run('r', () => Promise.reject(new Error('secret', { cause })));
    await background.settled();
    expect(lines[0]).toContain('"reason":"TypeError 57P01"');
    expect(lines[0]).not.toContain('secret');
  });

  it('that hangs is given up at the stop, and how much of it is logged', async () => {
    const { background, lines } = recorded(10);
    for (let piece = 0; piece < 3; piece += 1) background.run('r', () => new Promise(() => undefined));
    background.run('r', () => Promise.resolve());
    await background.settled();
    expect(lines).toEqual(['{"event":"background_given_up","reason":"3 under way"}']);
  });

  it('beyond 1,000 pieces is dropped and logged, and there is room again when they are done', async () => {
    const { background, lines } = recorded();
    let done = 0;
    const work = () => Promise.resolve(void (done += 1));
    for (let piece = 0; piece < 1001; piece += 1) background.run('r', work);
    await background.settled();
    expect([done, lines]).toEqual([1000, ['{"event":"background_full","request_id":"r"}']]);
    background.run('r', work);
    await background.settled();
    expect(done).toBe(1001);
  });
});
