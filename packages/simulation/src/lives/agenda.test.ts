import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.js';
import { diceOf } from './dice.js';

describe('an agenda', () => {
  it('lets things happen by time, and at one moment in the order of writing down', () => {
    const agenda = new Agenda(0);
    const dice = diceOf(1, 1);
    const happened: { at: number; order: number }[] = [];
    for (let order = 0; order < 2000; order += 1) {
      const at = dice.whole(0, 300);
      agenda.at(at, () => happened.push({ at, order }));
    }
    agenda.runUntil(1000);
    expect(happened).toHaveLength(2000);
    expect(happened).toEqual(happened.toSorted((a, b) => a.at - b.at || a.order - b.order));
  });

  it('stops before the end, and takes what is past for the present', () => {
    const agenda = new Agenda(0);
    const times: number[] = [];
    agenda.at(5, () => agenda.at(1, () => times.push(agenda.now)));
    agenda.at(10, () => times.push(agenda.now));
    agenda.runUntil(10);
    expect([times, agenda.now]).toEqual([[5], 10]);
    agenda.runUntil(11);
    expect(times).toEqual([5, 10]);
  });
});
