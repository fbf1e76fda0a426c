import type { SeededUser } from '@latchkey/example-shared';

/** The customer that every demo starts with. */
export const demoUser: SeededUser = {
  username: 'maria',
  password: 'four larks over the field',
  displayName: 'Maria Keller',
};

/** Somebody who works at the bank: the token server gives this account the claim `role: 'adviser'`. */
export const adviser: SeededUser = {
  username: 'jonas',
  password: 'seven bridges at noon',
  displayName: 'Jonas Brandt',
};
