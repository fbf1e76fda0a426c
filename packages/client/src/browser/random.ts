import { encodeBase64Url } from '@latchkey/protocol';
import type { Random } from '../ports.js';

/** Randomness of the platform: `Math.random` for jitter, which nobody gains by guessing; the system's for ids. */
export const browserRandom: Random = {
  fraction: () => Math.random(),
  id: () => encodeBase64Url(crypto.getRandomValues(new Uint8Array(16))),
};
