import { isSessionError } from '@latchkey/client';
import { write } from './dom.js';

/** What the person reads where the library's own words are meant for the programmer. */
const words: Readonly<Record<string, string>> = {
  invalid_credentials: 'User name or password is not right.',
  username_taken: 'This user name is taken. Choose another.',
  ERR_NETWORK: 'The server does not answer. You stay signed in; try again in a moment.',
  ERR_TIMEOUT: 'The server took too long to answer. Try again in a moment.',
  ERR_SIGNED_OUT: 'You are signed out. Sign in and try again.',
  ERR_SESSION_CHANGED: 'Somebody else has signed in since. Try again.',
};

/** Says in a sentence what went wrong and what to do. */
function explain(error: unknown): string {
  if (isSessionError(error)) {
    const named = error.kind === 'protocol' ? error.error : undefined;
    return words[named ?? ''] ?? words[error.code] ?? error.message;
  }
  // What `fetch` itself throws when there is no network.
  if (error instanceof TypeError) return 'The server does not answer. Try again in a moment.';
  return error instanceof Error ? error.message : 'Something went wrong. Try again.';
}

/**
 * Runs what a button or a form asked for: once at a time, with the button busy meanwhile and what went wrong beside it,
 * in the nearest form or card.
 */
export async function busily(trigger: HTMLElement, work: () => Promise<void>): Promise<void> {
  if (trigger.getAttribute('aria-busy') === 'true') return;
  const place = trigger.closest('form, .card')?.querySelector<HTMLElement>('.error');
  trigger.setAttribute('aria-busy', 'true');
  if (place) place.hidden = true;
  try {
    await work();
  } catch (error) {
    if (place) {
      write(place, explain(error));
      place.hidden = false;
    }
  } finally {
    trigger.removeAttribute('aria-busy');
  }
}

/** Does `work` when the button is pressed. */
export function onPress(trigger: HTMLButtonElement, work: () => Promise<void>): void {
  trigger.addEventListener('click', () => void busily(trigger, work));
}

/** Does `work` when the form is sent; the browser itself never sends it. */
export function onSubmit(target: HTMLFormElement, work: () => Promise<void>): void {
  target.addEventListener('submit', (event) => {
    event.preventDefault();
    void busily(target.querySelector('button') ?? target, work);
  });
}
