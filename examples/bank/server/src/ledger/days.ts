const milliseconds = 86_400_000;

/** A day of the calendar, such as `2026-11-20`; the same everywhere, as bookings are. */
export type Day = string;

/** The day of a moment in milliseconds since 1970. */
export const dayOf = (moment: number): Day => new Date(moment).toISOString().slice(0, 10);

/** The day that lies so many days after another; before it, when negative. */
export const addDays = (day: Day, count: number): Day => dayOf(Date.parse(day) + count * milliseconds);

/** So many days that end with one, oldest first. */
export const daysUntil = (last: Day, count: number): Day[] =>
  Array.from({ length: count }, (_, index) => addDays(last, index - count + 1));

/** The day of the week: 0 is Sunday. */
export const weekday = (day: Day): number => new Date(day).getUTCDay();

/** The day of the month. */
export const dayOfMonth = (day: Day): number => Number(day.slice(8));
