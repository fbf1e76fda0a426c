import { type Milliseconds, milliseconds } from '@latchkey/protocol';
import type { Agenda } from './agenda.js';

/** A device's clocks: a wall clock that is wrong, drifts and is set, and one that never steps back. */
export class DeviceClock {
  readonly #agenda: Agenda;
  /** Gained a millisecond. */
  readonly #rate: number;
  readonly #stopsInSleep: boolean;
  #offset: number;
  #rightSince: number;
  #slept = 0;

  constructor(agenda: Agenda, given: { offset: number; rate: number; stopsInSleep: boolean }) {
    this.#agenda = agenda;
    this.#rate = given.rate;
    this.#stopsInSleep = given.stopsInSleep;
    this.#offset = given.offset;
    this.#rightSince = agenda.now;
  }

  /** What the wall clock shows. */
  wall(): Milliseconds {
    return milliseconds(Math.floor(this.#agenda.now + this.offset));
  }

  /** `performance.now()`: stands still in sleep, on most systems. */
  monotonic(): Milliseconds {
    return milliseconds(Math.floor(this.#agenda.now - this.#slept));
  }

  /** How far the wall clock is ahead, in milliseconds. */
  get offset(): number {
    return this.#offset + (this.#agenda.now - this.#rightSince) * this.#rate;
  }

  /** Sets the wall clock so far ahead of the true time, in milliseconds; 0: a time server has put it right. */
  set(offset: number): void {
    this.#offset = offset;
    this.#rightSince = this.#agenda.now;
  }

  /** The device has slept so long. */
  slept(duration: number): void {
    if (this.#stopsInSleep) this.#slept += duration;
  }
}
