import { type Resource, type Signal, linkedSignal } from '@angular/core';

/**
 * Gives what a resource had last, so that a page does not go blank while the next part of it loads. It ends with the
 * sign-out, when there is nothing more to load, and, like all of a page, when another person is signed in: see `App`.
 */
export const latest = <T>(resource: Resource<T | undefined>): Signal<T | undefined> =>
  linkedSignal<{ value: T | undefined; isOver: boolean }, T | undefined>({
    source: () => ({
      value: resource.hasValue() ? resource.value() : undefined,
      isOver: resource.status() === 'idle',
    }),
    computation: ({ value, isOver }, previous) => (isOver ? undefined : (value ?? previous?.value)),
  });
