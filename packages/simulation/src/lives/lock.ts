import type { Agenda } from './agenda.js';
import type { Dice } from './dice.js';
import type { Page, Queue } from './parts.js';

interface Place {
  readonly tab: Page;
  readonly flight: number;
}

/** Spreads out the tabs of a browser without Web Locks, in milliseconds: as the client's own port does. */
const jitter = 200;

/** A Web Lock of a profile: granted in turn, given up on after a wait, free when its tab is gone. */
export class Lock implements Queue {
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #exists: boolean;
  #holder: Place | undefined;
  #queue: Place[] = [];

  constructor(exists: boolean, { agenda, dice }: { readonly agenda: Agenda; readonly dice: Dice }) {
    this.#exists = exists;
    this.#agenda = agenda;
    this.#dice = dice;
  }

  /** Whether a page that is stopped keeps the others waiting. */
  get isHeldByAStoppedTab(): boolean {
    return this.#holder?.tab.isStopped ?? false;
  }

  acquire(tab: Page, flight: number, wait: number): void {
    const place = { tab, flight };
    if (!this.#exists) {
      this.#agenda.after(Math.floor(this.#dice.fraction() * jitter), () => settle(place));
    } else if (!this.#holder) {
      this.#holder = place;
      settle(place);
    } else {
      this.#queue.push(place);
      this.#agenda.after(wait, () => {
        if (!this.#queue.includes(place)) return;
        this.#queue = this.#queue.filter((one) => one !== place);
        settle(place);
      });
    }
  }

  release(tab: Page): void {
    this.#queue = this.#queue.filter((place) => place.tab !== tab);
    if (this.#holder?.tab !== tab) return;
    this.#holder = this.#queue.shift();
    if (this.#holder) settle(this.#holder);
  }
}

const settle = ({ tab, flight }: Place): void => tab.hear({ type: 'lock-settled', flight });
