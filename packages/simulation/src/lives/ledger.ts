/** Why a session may rightly end. */
export type Ending =
  | 'signed out by the person'
  | 'password changed'
  | 'away for longer than the idle limit'
  | 'its absolute lifetime was over'
  | 'the database lost the sign-in'
  | 'the database lost more rotations than are remembered';

interface Entry {
  /** The end of the absolute lifetime, by the true time in milliseconds. */
  readonly until: number;
  ended: Ending | undefined;
}

/** What befell each session of a person, put down by those who did it: judges sign-outs without asking either end. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();

  /** A session began. */
  began(session: string, until: number): void {
    this.#entries.set(session, { until, ended: undefined });
  }

  /** A session was ended; the first reason stands. */
  end(session: string, why: Ending): void {
    const entry = this.#entries.get(session);
    if (entry) entry.ended ??= why;
  }

  /** Ends all sessions but one. */
  endAll(why: Ending, but?: string): void {
    for (const session of this.#entries.keys()) if (session !== but) this.end(session, why);
  }

  /** Why a session may be over now; `undefined`: it may not. `away`: out of reach for longer than the server waits. */
  whyOver(session: string, now: number, away: boolean): Ending | undefined {
    const entry = this.#entries.get(session);
    if (entry?.ended) return entry.ended;
    if (!entry || now >= entry.until) return 'its absolute lifetime was over';
    return away ? 'away for longer than the idle limit' : undefined;
  }

  /** Whether the person ended this session. */
  isOver(session: string): boolean {
    return this.#entries.get(session)?.ended === 'signed out by the person';
  }
}
