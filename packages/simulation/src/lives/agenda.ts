interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** What is to happen, by the true time in milliseconds; what falls on one moment, in the order of its writing down. */
export class Agenda {
  /** The true time. */
  now: number;
  readonly #heap: Entry[] = [];
  #written = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Writes down what is to happen at a time; what is past happens next. */
  at(time: number, run: () => void): void {
    const entry = { at: Math.max(time, this.now), order: this.#written++, run };
    const heap = this.#heap;
    let hole = heap.length;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(entry, parent)) break;
      heap[hole] = parent;
      hole = above;
    }
    heap[hole] = entry;
  }

  /** Writes down what is to happen after so many milliseconds. */
  after(delay: number, run: () => void): void {
    this.at(this.now + delay, run);
  }

  /** Lets everything happen that is due before `end`. */
  runUntil(end: number): void {
    for (let next = this.#heap[0]; next && next.at < end; next = this.#heap[0]) {
      this.#takeFirst();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let hole = 0;
    for (;;) {
      const left = heap[hole * 2 + 1];
      const right = heap[hole * 2 + 2];
      const least = right && left && isBefore(right, left) ? right : left;
      if (!least || !isBefore(least, last)) break;
      heap[hole] = least;
      hole = hole * 2 + (least === left ? 1 : 2);
    }
    heap[hole] = last;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
