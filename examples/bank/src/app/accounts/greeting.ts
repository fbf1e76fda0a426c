/** Greets by the hour where the reader is. */
export function greetingAt(moment: Date): string {
  const hour = moment.getHours();
  if (hour >= 4 && hour < 12) return 'Good morning';
  return hour >= 12 && hour < 18 ? 'Good afternoon' : 'Good evening';
}
