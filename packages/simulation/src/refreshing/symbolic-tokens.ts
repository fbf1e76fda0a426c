import { chainEntries } from '@latchkey/server';

/**
 * Refresh tokens as names. `a:oot@1`: session `a`, three rotations after sign-in, by the owner, the owner and a thief, made
 * with server secret 1. Its secret is `a:oot`: equal names are equal secrets, and nobody can guess another's.
 */
export interface SymbolicToken {
  readonly session: string;
  /** One letter a rotation: whose idempotency key led there. */
  readonly path: string;
  readonly keyId: number;
}

const hashLength = 43;

/** Gives what `read` gives, and reads each text once: worlds told alike have few. */
function once<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = read(text);
    known.set(text, made);
    return made;
  };
}

/** Reads a token's name. @throws RangeError when it is none */
export const readToken = once((text): SymbolicToken => {
  const match = /^(\w+):(\w*)@(\d)$/.exec(text);
  if (!match) throw new RangeError(`${text} is no symbolic token.`);
  const [, session = '', path = '', keyId] = match;
  return { session, path, keyId: Number(keyId) };
});

/** Writes a token's name. */
export const writeToken = ({ session, path, keyId }: SymbolicToken): string => `${session}:${path}@${keyId}`;

/**
 * The path of the successor under an idempotency key of one letter. The derivation goes by the secret that the presented
 * token was made with, so a letter is in upper case after any but the first.
 */
export const successorPath = ({ path, keyId }: SymbolicToken, key: string): string =>
  path + (keyId === 1 ? key : key.toUpperCase());

/** What the database keeps of a secret, at the width of a real hash. */
export const hashOf = (session: string, path: string): string => `${session}:${path}`.padEnd(hashLength, '_');

/** Whose secret a hash is of. */
export const readHash = once((hash): { session: string; path: string } => {
  const [session = '', path = ''] = hash.replace(/_+$/, '').split(':');
  return { session, path };
});

/** What a row's chain remembers, oldest first. */
export const readChain = once(chainEntries);
