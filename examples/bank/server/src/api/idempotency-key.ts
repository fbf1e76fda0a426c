import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.js';

/**
 * Reads the key under which a request may be sent again without being done again.
 * @throws Refusal 400 when there is none, or one that two requests might have by chance
 * @see draft-ietf-httpapi-idempotency-key-header; the characters are our choice, as the token server's are
 */
export function readIdempotencyKey({ headers }: IncomingMessage): string {
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && /^[\w-]{16,128}$/.test(key)) return key;
  throw new Refusal(
    [400, 'idempotency_key_needed'],
    'Send an Idempotency-Key of 16 to 128 characters of A–Z, a–z, 0–9, - and _, and the same one when you ask again.',
  );
}
