import { type Signal, computed, linkedSignal } from '@angular/core';
import { injectBankSession } from './bank-session.js';

/**
 * Counts the people who were signed in here, one after the other. A sign-out changes nothing of that, nor does the same
 * person's return: but a tab that slept may find another person without a sign-out in between. Call it where `inject`
 * may be called.
 */
export function personCount(): Signal<number> {
  const { user } = injectBankSession();
  const last = linkedSignal<string | undefined, { id: string | undefined; count: number }>({
    source: () => user()?.id,
    computation: (id, previous) => {
      const before = previous?.value ?? { id: undefined, count: 0 };
      if (id === undefined || id === before.id) return before;
      return { id, count: before.id === undefined ? 0 : before.count + 1 };
    },
  });
  return computed(() => last().count);
}
