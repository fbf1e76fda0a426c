import type { Store } from '../ports.js';
import { endingCases } from './contract/ending-cases.js';
import { oneTimeTokenCases } from './contract/one-time-token-cases.js';
import { raceCases } from './contract/race-cases.js';
import { rotationCases } from './contract/rotation-cases.js';
import { throttleCases, userCases } from './contract/user-cases.js';

const cases = [...rotationCases, ...endingCases, ...raceCases, ...userCases, ...throttleCases, ...oneTimeTokenCases];

/** The test runner's two functions, so that the suite needs no runner of its own. */
export interface ContractHarness {
  describe(title: string, body: () => void): void;
  it(title: string, body: () => Promise<void>): void;
}

/**
 * Checks that a store keeps the promises of the Store port. `open` gives an empty, migrated store each time.
 * @example
 * storeContract('sqlite', openFresh, { describe, it });
 */
export function storeContract(name: string, open: () => Promise<Store>, harness: ContractHarness): void {
  harness.describe(`store contract: ${name}`, () => {
    for (const [title, run] of cases) {
      harness.it(title, async () => {
        const store = await open();
        try {
          await run(store);
        } finally {
          await store.close();
        }
      });
    }
  });
}
