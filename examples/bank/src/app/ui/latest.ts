import { type Resource, type Signal, linkedSignal } from '@angular/core';

/** Gives what a resource had last, so that a page does not go blank while the next part of it loads. */
export const latest = <T>(resource: Resource<T | undefined>): Signal<T | undefined> =>
  linkedSignal<T | undefined, T | undefined>({
    source: () => (resource.hasValue() ? resource.value() : undefined),
    computation: (value, previous) => value ?? previous?.value,
  });
