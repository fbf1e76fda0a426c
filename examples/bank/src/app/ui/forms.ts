import { type ElementRef, type Injector, afterNextRender } from '@angular/core';
import type { AbstractControl, ValidationErrors } from '@angular/forms';

/** Refuses what is empty but for spaces. */
export const filledIn = ({ value }: AbstractControl<string>): ValidationErrors | null =>
  value.trim() ? null : { required: true };

/** Shows what is wrong with a form and takes the keyboard to the first of it; gives whether the form may be sent. */
export function mayBeSent(
  form: AbstractControl,
  { host, injector }: { host: ElementRef<HTMLElement>; injector: Injector },
): boolean {
  form.markAllAsTouched();
  if (form.valid) return true;
  const first = (): void => host.nativeElement.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  afterNextRender({ read: first }, { injector });
  return false;
}
