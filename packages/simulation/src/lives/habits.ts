import { DeviceClock } from './clock.js';
import { type Habit, type Kind, type Span, liveDay, restore } from './days.js';
import { type Dice, pick } from './dice.js';

import type { Surroundings } from './parts.js';
import { BrowserProfile } from './profile.js';
import { day, hour, minute, second } from './time.js';

/** Somebody who lives. */
export interface Person extends Surroundings {
  readonly profiles: BrowserProfile[];
}

const people: readonly (readonly [weight: number, kinds: readonly Kind[]])[] = [
  [40, ['laptop']],
  [25, ['phone']],
  [25, ['laptop', 'phone']],
  [4, ['desktop']],
  [6, ['desktop', 'phone']],
];

/** Writes down all that a person will do, day by day. */
export function livePerson(person: Person, span: Span): void {
  const { dice } = person;
  const kinds = pick(dice, people);
  const habits = kinds.map((kind) => habitOf(person, kind));
  for (const habit of habits) {
    person.profiles.push(habit.profile);
    setClocks(habit, span);
    if (habit.kind !== 'phone') everySoOften(person, { mean: 40 * day, span }, () => crash(habit));
    for (let start = span.start; start < span.end; start += day)
      person.agenda.at(start, () => start >= habit.awayUntil && liveDay(habit, start));
  }
  everySoOften(person, { mean: 150 * day, span }, () => goAway(habits));
  everySoOften(person, { mean: 250 * day, span }, () => {
    person.say({ name: 'person' }, 'changes the password elsewhere');
    person.ledger.endAll('password changed');
    person.server.changePassword(person.agenda.now);
  });
}

function everySoOften(
  { agenda, dice }: Surroundings,
  { mean, span }: { mean: number; span: Span },
  what: () => void,
): void {
  for (let at = span.start + dice.about(mean); at < span.end; at += dice.about(mean)) agenda.at(at, what);
}

function habitOf(person: Person, kind: Kind): Habit {
  const { dice } = person;
  const isRight = dice.chance(0.7);
  const clock = new DeviceClock(person.agenda, {
    // Most clocks are put right by a time server; the others are wrong by minutes, and some by hours.
    offset: isRight ? 0 : dice.between(-1, 1) * (dice.chance(0.2) ? 3 * hour : 5 * minute),
    rate: isRight ? 0 : dice.between(-1, 1) * 1e-4,
    stopsInSleep: dice.chance(0.7),
  });
  const profile = new BrowserProfile(person, {
    name: kind,
    clock,
    hasLocks: dice.chance(0.97),
    tellsNetwork: dice.chance(0.8),
    tellsWaking: dice.chance(0.7),
  });
  if (kind === 'laptop') profile.sleep();
  const hours = kind === 'desktop' && dice.chance(0.5) ? 24 : dice.between(1.5, dice.chance(0.4) ? 10 : 4);
  return { person, profile, kind, hours, mostTabs: mostTabs(dice), awayUntil: 0 };
}

const mostTabs = (dice: Dice): number => (dice.chance(0.15) ? dice.whole(6, 12) : dice.whole(1, 5));

/** Away from all devices: mostly for a holiday, now and then for longer than the server waits. */
function goAway(habits: readonly Habit[]): void {
  const [first] = habits;
  if (!first) return;
  const { agenda, dice } = first.person;
  const days = dice.chance(0.08) ? dice.between(31, 70) : dice.between(5, 25);
  first.person.say({ name: 'person' }, `goes away for ${days.toFixed(0)} days`);
  first.person.tally.count(days > 30 ? 'long absences' : 'holidays');
  for (const habit of habits) {
    habit.awayUntil = agenda.now + days * day;
    if (habit.kind === 'laptop') habit.profile.sleep();
    else if (habit.kind === 'desktop' && dice.chance(0.5)) habit.profile.crash(0);
  }
}

/** Clocks are set by hand, put right, and stepped back when they are fast. */
function setClocks({ person, profile }: Habit, span: Span): void {
  const { agenda, dice, tally } = person;
  everySoOften(person, { mean: 60 * day, span }, () => {
    const step = pick(
      dice,
      [hour, -hour, day, -day].map((one) => [1, one] as const),
    );
    tally.count('clocks set');
    person.say(profile, `clock set by ${step / hour} h`);
    profile.clock.set(profile.clock.offset + step);
    if (dice.chance(0.7)) agenda.after(dice.about(5 * hour), () => putRight());
  });
  everySoOften(person, { mean: 15 * day, span }, () => putRight());
  function putRight(): void {
    tally.count(profile.clock.offset > 1 ? 'clocks stepped back' : 'clocks put right');
    profile.clock.set(0);
  }
}

function crash({ person, profile, mostTabs: most }: Habit): void {
  if (profile.isAsleep || profile.tabs.length === 0) return;
  const { dice, tally } = person;
  tally.count('browsers crashed');
  const tabs = Math.min(most, profile.tabs.length);
  profile.crash(dice.chance(0.5) ? dice.whole(1, 2) : 0);
  // Restored: all at once, in the background but for one.
  person.agenda.after(dice.between(5, 60) * second, () => restore(profile, tabs));
}
