import type { Surroundings } from './parts.js';
import type { BrowserProfile } from './profile.js';
import { day, hour, minute, second } from './time.js';
import { visit } from './visits.js';

/** From when to when, by the true time in milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a device is. */
export type Kind = 'laptop' | 'desktop' | 'phone';

/** What the person does with a device. */
export interface Habit {
  readonly person: Surroundings;
  readonly profile: BrowserProfile;
  readonly kind: Kind;
  /** Hours of a day with the lid open. */
  readonly hours: number;
  readonly mostTabs: number;
  /** Not to be used before: the person is away. */
  awayUntil: number;
}

/** A browser opens the tabs that it had, all at once; the first is in sight. */
export function restore(profile: BrowserProfile, tabs: number): void {
  if (profile.isAsleep) return;
  profile.life.tally.count('tabs restored', tabs);
  for (let i = 0; i < tabs; i += 1) profile.open();
  profile.show(profile.tabs[0]);
}

/** A day of a device that is in use, from its midnight on. */
export function liveDay(habit: Habit, start: number): void {
  if (habit.kind === 'phone') livePhoneDay(habit, start);
  else liveComputerDay(habit, start);
}

/** Short looks: the pages stand still as soon as the person looks elsewhere, and now and then the system ends them. */
function livePhoneDay(habit: Habit, start: number): void {
  const { person, profile } = habit;
  const { agenda, dice } = person;
  if (dice.chance(0.15)) return;
  for (let i = dice.whole(1, 5); i > 0; i -= 1) {
    const from = start + dice.between(7, 23) * hour;
    agenda.at(from, () => {
      if (dice.chance(0.15)) travel(habit, { start: from, end: from + 20 * minute });
      const until = from + second * dice.between(20, 300);
      visit(profile, { until, mostTabs: habit.mostTabs, leave: () => putAway(habit) });
    });
  }
}

function putAway({ person: { dice }, profile }: Habit): void {
  for (const tab of [...profile.tabs]) {
    if (dice.chance(0.2)) profile.close(tab);
    else profile.freeze(tab);
  }
}

function liveComputerDay(habit: Habit, start: number): void {
  const { person, profile, hours, kind } = habit;
  const { agenda, dice } = person;
  const isWeekend = (start / day) % 7 > 4;
  if (dice.chance(isWeekend ? 0.5 : 0.15)) return;
  const from = hours === 24 ? start : start + dice.between(7, 14) * hour;
  const until = Math.min(start + day, from + hours * hour * dice.between(0.7, 1.3));
  const between = (): number => dice.between(from, until);
  agenda.at(from, () => {
    profile.wake();
    if (dice.chance(0.15)) restartBrowser(habit);
  });
  if (kind === 'laptop') {
    agenda.at(until, () => profile.sleep());
    for (let i = dice.whole(0, 2); i > 0; i -= 1) nap(habit, { start: between(), end: until });
    if (dice.chance(0.25)) travel(habit, { start: from, end: from + 40 * minute });
  }
  if (dice.chance(0.05)) slowDown(habit, between());
  if (dice.chance(0.02)) portal(habit, between());
  for (let i = dice.whole(1, 2 + hours / 3); i > 0; i -= 1) {
    const at = between();
    const end = Math.min(until, at + dice.about(12 * minute));
    agenda.at(at, () => visit(profile, { until: end, mostTabs: habit.mostTabs, leave: () => leave(habit) }));
  }
}

/** The lid is closed for a while. */
function nap({ person: { agenda, dice }, profile }: Habit, { start, end }: Span): void {
  const until = start + dice.about(30 * minute);
  agenda.at(start, () => profile.sleep());
  if (until < end) agenda.at(until, () => profile.wake());
}

function restartBrowser({ person: { agenda, tally }, profile }: Habit): void {
  const tabs = profile.tabs.length;
  tally.count('browsers restarted');
  profile.crash(0);
  agenda.after(10 * second, () => restore(profile, tabs));
}

/** A train: a slow network, and tunnels. */
function travel({ person, profile }: Habit, { start, end }: Span): void {
  const { agenda, dice } = person;
  person.tally.count('journeys');
  agenda.at(start, () => {
    profile.slowness = dice.between(2, 12);
  });
  for (let at = start + dice.about(4 * minute); at < end; at += dice.about(6 * minute)) {
    agenda.at(at, () => profile.connect('down'));
    at += dice.about(90 * second);
    agenda.at(at, () => profile.connect('up'));
  }
  agenda.at(end + minute, () => {
    profile.slowness = 1;
    profile.connect('up');
  });
}

function slowDown({ person: { agenda, dice }, profile }: Habit, at: number): void {
  agenda.at(at, () => {
    profile.slowness = dice.between(5, 30);
  });
  agenda.at(at + dice.about(30 * minute), () => {
    profile.slowness = 1;
  });
}

function portal({ person: { agenda, dice }, profile }: Habit, at: number): void {
  agenda.at(at, () => profile.connect('portal'));
  agenda.at(at + dice.about(5 * minute), () => profile.connect('up'));
}

/** The person does something else: tabs close, or lie in the background, where the browser stops some of them. */
function leave({ person: { agenda, dice }, profile }: Habit): void {
  if (dice.chance(0.7)) profile.show(undefined);
  for (const tab of [...profile.tabs]) {
    if (dice.chance(0.2)) profile.close(tab);
    else if (dice.chance(0.5)) agenda.after(dice.between(5, 30) * minute, () => tab.isHidden && profile.freeze(tab));
  }
}
