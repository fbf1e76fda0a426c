import { signal } from '@angular/core';
import { sayError } from '../api/say-error.js';

/** Something that a person set going: whether it runs, and in words why it failed. One at a time. */
export class Task {
  readonly #busy = signal(false);
  readonly #error = signal('');
  readonly busy = this.#busy.asReadonly();
  /** Empty while there is nothing to say. */
  readonly error = this.#error.asReadonly();
  readonly #say: (error: unknown) => string;

  /** Says errors as the whole app does, unless it is told another way. */
  constructor(say = sayError) {
    this.#say = say;
  }

  /** Runs `work` unless it runs already; gives whether it succeeded. Never rejects: what failed is in `error`. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.#busy()) return false;
    this.#busy.set(true);
    this.#error.set('');
    try {
      await work();
      return true;
    } catch (error) {
      this.#error.set(this.#say(error));
      return false;
    } finally {
      this.#busy.set(false);
    }
  }

  /** Takes the last error away. */
  forget(): void {
    this.#error.set('');
  }
}
