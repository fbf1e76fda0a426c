import { decodeBase64Url } from '@latchkey/protocol';
import type { OneTimePurpose, Random } from './ports.js';
import { hashSecret } from './refresh-tokens.js';

/** By which logs and people tell it from other texts. */
const prefix = 'lko1_';
const secretLength = 32;

/**
 * How long a one-time token lives, in seconds. Our choice: a reset is done at once, by whoever asked for it; a new
 * account's mail may be read tomorrow.
 */
export const oneTimeLifetimes: Readonly<Record<OneTimePurpose, number>> = {
  reset_password: 30 * 60,
  verify_email: 24 * 60 * 60,
};

/** Makes a one-time token: `lko1_` base64url(32 random bytes), 48 characters, and the hash that the database keeps. */
export function makeOneTimeToken(random: Random): { text: string; tokenHash: string } {
  const secret = random.bytes(secretLength);
  return { text: prefix + Buffer.from(secret).toString('base64url'), tokenHash: hashSecret(secret) };
}

/** Reads a one-time token into the hash that it is found by; `undefined`, without a query, for what can be none. */
export function readOneTimeToken(text: string): string | undefined {
  const secret = text.startsWith(prefix) ? decodeBase64Url(text.slice(prefix.length)) : undefined;
  return secret?.length === secretLength ? hashSecret(secret) : undefined;
}
