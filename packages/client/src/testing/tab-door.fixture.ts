/**
 * The way into a tab's code. Timers, answers, locks, storage and events come in here one by one, so a test can say after
 * which of them the tab freezes: what comes then waits, in order, until it thaws, as in a browser.
 */
export class TabDoor {
  /** How many have come in. */
  passed = 0;
  #state: 'open' | 'frozen' | 'thawing' = 'open';
  #left = Infinity;
  readonly #waiting: (() => void)[] = [];

  get isFrozen(): boolean {
    return this.#state === 'frozen';
  }

  /** Lets so many more in; the one after them finds the tab frozen. */
  freezeAfter(steps: number): void {
    this.#left = steps;
  }

  /** Comes in, now or when the tab thaws. */
  enter(call: () => void): void {
    if (this.#left === 0) this.#state = 'frozen';
    if (this.#state !== 'open') {
      this.#waiting.push(call);
      return;
    }
    this.#left -= 1;
    this.passed += 1;
    call();
  }

  /** A promise that settles only when its news have come in. */
  through<T>(promise: Promise<T>): Promise<T> {
    return promise.finally(() => new Promise<void>((resolve) => this.enter(resolve)));
  }

  /** Lets in what has waited, each as a task of its own. */
  async thaw(): Promise<void> {
    this.#left = Infinity;
    this.#state = 'thawing';
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.passed += 1;
      next();
      await turn();
    }
    this.#state = 'open';
  }
}

const realImmediate = globalThis.setImmediate;

/** A turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => void realImmediate(resolve));
