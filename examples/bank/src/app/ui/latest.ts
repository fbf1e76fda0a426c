import { type Resource, type Signal, linkedSignal } from '@angular/core';
import { injectBankSession } from '../session/bank-session.js';

/**
 * Gives what a resource had last, so that a page does not go blank while the next part of it loads. It belongs to one
 * person, and ends with a sign-out and with another person. Call it where `inject` may be called.
 */
export function latest<T>(resource: Resource<T | undefined>): Signal<T | undefined> {
  const { user } = injectBankSession();
  return linkedSignal<{ value: T | undefined; owner: string | undefined }, T | undefined>({
    source: () => ({ value: resource.hasValue() ? resource.value() : undefined, owner: user()?.id }),
    computation: ({ value, owner }, previous) =>
      value ?? (previous?.source.owner === owner ? previous?.value : undefined),
  });
}
