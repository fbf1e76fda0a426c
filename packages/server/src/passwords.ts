import { hash, parseOptions, verify } from '@node-rs/argon2';
import { BusyError } from './errors.js';
import type { PasswordHasher, Random } from './ports.js';

/** How passwords are hashed. */
export interface PasswordHashing {
  /** Memory of one hash, in KiB. */
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
  /** How many hashes at a time: bounds memory to `atMost × memoryKib`. */
  readonly atMost: number;
  /** How many may wait; the next one is refused with 503 and Retry-After. */
  readonly waiting: number;
}

/** OWASP's argon2id parameters; two at a time and 64 waiting, our choice: at most 92 MiB and about 2 s of waiting. */
export const defaultPasswordHashing: PasswordHashing = {
  memoryKib: 47_104,
  passes: 1,
  parallelism: 1,
  atMost: 2,
  waiting: 64,
};

/** Hashes with argon2id. @see RFC 9106 */
export function argon2Hasher(settings: PasswordHashing, random: Random): PasswordHasher {
  const { memoryKib, passes, parallelism } = settings;
  // The library's default is argon2id.
  const options = { memoryCost: memoryKib, timeCost: passes, parallelism };
  const inTurn = boundedQueue(settings);
  const nobody = makeUnmatchableHash(settings, random);
  return {
    hash: (password) => inTurn(() => hash(password, { ...options, salt: random.bytes(16) })),
    verify: (password, known) => inTurn(() => verify(known ?? nobody, password)),
    isOutdated(known) {
      const made = parseOptions(known);
      return made.memoryCost < memoryKib || made.timeCost < passes || !known.startsWith('$argon2id$');
    },
  };
}

/**
 * A hash that no password has (its 32 bytes are random), so that an unknown user costs what a known one does. Written
 * by hand, for hashing something at start would make the first attempt slower than the others.
 */
function makeUnmatchableHash({ memoryKib, passes, parallelism }: PasswordHashing, random: Random): string {
  const text = (length: number) => Buffer.from(random.bytes(length)).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${text(16)}$${text(32)}`;
}

/** Runs at most `atMost` pieces of work at a time, in order of arrival. Rejects with BusyError what cannot wait. */
export function boundedQueue({ atMost, waiting }: PasswordHashing): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atMost) {
      if (queue.length >= waiting) throw new BusyError('Too many passwords are being checked.', 2);
      // Whoever ends hands its place on, so nobody can slip in between.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
