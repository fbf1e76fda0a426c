/** How a function that a test runs in a page ended: the value as JSON (null where there is none), or what was thrown. */
export interface Outcome {
  readonly id: number;
  readonly json?: string | null;
  readonly error?: string;
}

/** The functions that run in the pages of a browser. */
export interface Outcomes {
  /** A number for a function that is about to run. */
  expect(tab: string): { readonly id: number; readonly outcome: Promise<Outcome> };
  /** Takes an outcome as a page tells it, as JSON. */
  readonly hear: (text: string) => void;
  /** The tab's page is about to go away, and with it all that runs in it. */
  giveUp(tab: string): void;
}

/** Keeps them until they end. */
export function awaitedOutcomes(): Outcomes {
  const running = new Map<number, { tab: string; settle: (outcome: Outcome) => void }>();
  let count = 0;
  const settle = (outcome: Outcome): void => {
    running.get(outcome.id)?.settle(outcome);
    running.delete(outcome.id);
  };
  return {
    expect: (tab) => {
      const id = ++count;
      return { id, outcome: new Promise((resolve) => running.set(id, { tab, settle: resolve })) };
    },
    hear: (text) => {
      settle(JSON.parse(text) as Outcome);
    },
    giveUp: (tab) => {
      for (const [id, one] of running) {
        if (one.tab === tab) settle({ id, error: 'The page went away while a function of the test ran in it.' });
      }
    },
  };
}
