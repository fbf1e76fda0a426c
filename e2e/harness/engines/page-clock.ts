declare global {
  interface Window {
    /** Sets this page's time. Timers that come due wait for `runDueTimers`: until all tabs have the new time. */
    setClock?: (aheadBy: number) => void;
    /** Settled when they have run. */
    runDueTimers?: () => Promise<void>;
  }
}

interface Timer {
  readonly run: () => void;
  /** Milliseconds between two runs, of what repeats. */
  readonly every: number | undefined;
  due: number;
  handle: number;
}

/**
 * Runs in the page, before anything else: puts a clock in place of the browser's that is so many milliseconds ahead, goes
 * on by itself and can be moved. Not Playwright's: there one tab's timers run before the next has the new time, by which
 * it sees tokens from the future.
 */
export function installPageClock(aheadAtFirst: number): void {
  if (window.setClock) return;
  const [set, clear] = [window.setTimeout.bind(window), window.clearTimeout.bind(window)];
  const [date, elapsed] = [Date.now.bind(Date), performance.now.bind(performance)];
  const timers = new Map<number, Timer>();
  let moved = 0;
  let made = 0;
  const monotonic = () => elapsed() + moved;
  const now = () => date() + aheadAtFirst + moved;

  const arm = (id: number, timer: Timer): void => {
    timer.handle = set(fire, Math.max(0, timer.due - monotonic()), id);
  };
  function fire(id: number): void {
    const timer = timers.get(id);
    if (!timer) return;
    timers.delete(id);
    if (timer.every !== undefined) add(id, timer, timer.every);
    timer.run();
  }
  function add(id: number, { run, every }: Pick<Timer, 'run' | 'every'>, delay: number): number {
    const timer: Timer = { run, every, due: monotonic() + delay, handle: 0 };
    timers.set(id, timer);
    arm(id, timer);
    return id;
  }
  const starter =
    (repeats: boolean) =>
    (run: (...args: unknown[]) => void, delay = 0, ...args: unknown[]): number => {
      // 32 bits, as in every browser: what is longer comes at once.
      const wait = Math.max(0, delay | 0);
      // Numbers far from those that the browser gives.
      return add(1_000_000 + ++made, { run: () => run(...args), every: repeats ? wait : undefined }, wait);
    };
  const stop = (id = 0): void => {
    clear(timers.get(id)?.handle ?? id);
    timers.delete(id);
  };
  const setClock = (aheadBy: number): void => {
    moved = aheadBy - aheadAtFirst;
    // A frame may be of another site: only messages get there.
    const message = { setClock: aheadBy };
    for (const frame of document.querySelectorAll('iframe')) frame.contentWindow?.postMessage(message, '*');
  };
  const runDueTimers = (): Promise<void> => {
    for (const [id, timer] of [...timers].sort(([, a], [, b]) => a.due - b.due)) {
      clear(timer.handle);
      arm(id, timer);
    }
    return new Promise((resolve) => set(resolve, 0));
  };
  addEventListener('message', (event: MessageEvent<{ setClock?: number } | null>) => {
    const aheadBy = event.data?.setClock;
    if (aheadBy === undefined) return;
    // No business of the page's.
    event.stopImmediatePropagation();
    setClock(aheadBy);
    void runDueTimers();
  });
  performance.now = monotonic;
  Object.assign(window, {
    Date: new Proxy(Date, {
      construct: (target, args, self) => Reflect.construct(target, args.length ? args : [now()], self) as Date,
      get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
    }),
    ...{ setTimeout: starter(false), setInterval: starter(true), clearTimeout: stop, clearInterval: stop },
    ...{ setClock, runDueTimers },
  });
}
