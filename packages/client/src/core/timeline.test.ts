import { milliseconds } from '@latchkey/protocol';
import { describe, expect, test } from 'vitest';
import { type Timeline, createTimeline } from './timeline.js';

function slot(text: string | null = null) {
  const kept = { text, full: false };
  return {
    kept,
    read: () => kept.text,
    write(next: string) {
      if (!kept.full) kept.text = next;
      return !kept.full;
    },
  };
}

const event = (at: number, type = 'refreshed') => ({ at: milliseconds(at), type });
const moments = (timeline: Timeline) => timeline.entries().map(({ at }) => at);

describe('the timeline', () => {
  test('goes on after a reload', () => {
    const store = slot();
    createTimeline(store).add({ ...event(1), reason: 'load' });
    const after = createTimeline(store);
    after.add(event(2));
    expect(after.entries()).toEqual([{ at: 1, type: 'refreshed', reason: 'load' }, event(2)]);
  });

  test('keeps the last 200 entries and what they take is bounded', () => {
    const store = slot();
    const timeline = createTimeline(store);
    for (let at = 0; at < 500; at += 1) timeline.add(event(at, 'request_refused'));
    expect(moments(timeline)).toEqual(Array.from({ length: 200 }, (_, index) => index + 300));
    expect(store.kept.text?.length).toBeLessThan(20_000);
  });

  test('of two pages of one tab loses nothing of either', () => {
    const store = slot();
    const [page, sleeping] = [createTimeline(store), createTimeline(store)];
    page.add(event(1));
    sleeping.add(event(2));
    page.add(event(3));
    expect(moments(sleeping)).toEqual([1, 2, 3]);
  });

  test('lives on in the page where it cannot be written, and is written when it can be', () => {
    const store = slot();
    const timeline = createTimeline(store);
    timeline.add(event(1));
    store.kept.full = true;
    timeline.add(event(2));
    timeline.add(event(3));
    expect(moments(timeline)).toEqual([1, 2, 3]);
    store.kept.full = false;
    timeline.add(event(4));
    expect(moments(createTimeline(store))).toEqual([1, 2, 3, 4]);
  });

  test.each(['', '{', 'null', '{"at":1}', '7', '[null, 3, "x", {"at":"1","type":"t"}, {"at":1,"type":{}}]'])(
    'takes %j for an empty one',
    (text) => {
      expect(createTimeline(slot(text)).entries()).toEqual([]);
    },
  );

  test('takes of a foreign entry what it knows and no more', () => {
    const text = '[{"at":1,"type":"t","reason":5,"token":"secret"}]';
    expect(createTimeline(slot(text)).entries()).toEqual([{ at: 1, type: 't' }]);
  });
});
