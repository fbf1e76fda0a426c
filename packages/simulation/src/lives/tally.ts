/** A promise that was not kept. */
export interface Breach {
  readonly user: number;
  /** The true time, in milliseconds since 1970. */
  readonly at: number;
  readonly what: string;
}

/** How many breaches are kept word by word; all are counted. */
const mostBreaches = 100;

/** What happened, counted by name, and what should not have. */
export class Tally {
  readonly counts: Record<string, number> = {};
  readonly breaches: Breach[] = [];

  /** Counts something. */
  count(name: string, times = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + times;
  }

  /** How often something was counted. */
  of(name: string): number {
    return this.counts[name] ?? 0;
  }

  /** Takes down a broken promise. */
  breach(breach: Breach): void {
    this.count(`breach: ${breach.what}`);
    if (this.breaches.length < mostBreaches) this.breaches.push(breach);
  }

  /** Adds what another tally counted. */
  add({ counts, breaches }: Pick<Tally, 'counts' | 'breaches'>): void {
    for (const [name, times] of Object.entries(counts)) this.count(name, times);
    this.breaches.push(...breaches.slice(0, mostBreaches - this.breaches.length));
  }
}
