import type { Milliseconds } from '@latchkey/protocol';

/** Tells the time: milliseconds since 1970. Tests move it. */
export interface Clock {
  now(): Milliseconds;
}

/** Tells whether a signature (64 bytes, r ‖ s) over the ASCII text was made with the key that this was made from. */
export type SignatureCheck = (text: string, signature: Uint8Array) => boolean;

/** Makes the check of a public JWK; `undefined` if it is not a key that we verify with. */
export type ImportKey = (jwk: Readonly<Record<string, unknown>>) => SignatureCheck | undefined;

/** What a look-up of a key came to. `unavailable`: nobody can say now whether there is such a key. */
export type KeyLookup =
  | { readonly kind: 'key'; readonly check: SignatureCheck }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/** The issuer's keys by key id. */
export interface KeySource {
  find(kid: string): KeyLookup | Promise<KeyLookup>;
}
