import { expect, it } from 'vitest';
import { rememberRecent } from './recent-tokens.js';

it('remembers the last so many, and forgets the oldest first', () => {
  const recent = rememberRecent<number>(2);
  recent.set('a', 1);
  recent.set('b', 2);
  recent.set('c', 3);
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([undefined, 2, 3]);
});
