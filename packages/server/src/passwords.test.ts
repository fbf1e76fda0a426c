import { describe, expect, it } from 'vitest';
import { BusyError } from './errors.js';
import { argon2Hasher, boundedQueue, defaultPasswordHashing } from './passwords.js';
import { pooledRandom } from './random.js';

const cheap = { memoryKib: 64, passes: 1, parallelism: 1, atMost: 2, waiting: 3 };

describe('argon2Hasher', () => {
  it('hashes with argon2id at the stated parameters, never twice alike', async () => {
    const hasher = argon2Hasher(cheap, pooledRandom());
    const [one, other] = await Promise.all([hasher.hash('secret'), hasher.hash('secret')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(one).not.toBe(other);
    expect(await hasher.verify('secret', one)).toBe(true);
    expect(await hasher.verify('Secret', one)).toBe(false);
  });

  it("has OWASP's parameters by default", () => {
    expect(defaultPasswordHashing).toMatchObject({ memoryKib: 46 * 1024, passes: 1, parallelism: 1 });
  });

  it('verifies nothing for nobody, with a hash of the same parameters', async () => {
    const hasher = argon2Hasher(cheap, pooledRandom());
    expect(await hasher.verify('', undefined)).toBe(false);
    expect(await hasher.verify('secret', undefined)).toBe(false);
  });

  it('takes as many as may wait, in order, and refuses the next', async () => {
    const hasher = argon2Hasher(cheap, pooledRandom());
    const known = await hasher.hash('secret');
    const ended: number[] = [];
    const tries = Array.from({ length: 6 }, (_, index) =>
      hasher.verify('secret', known).then(
        () => void ended.push(index),
        (error: unknown) => error,
      ),
    );
    const refused = (await Promise.all(tries)).filter((result) => result instanceof BusyError);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ retryAfterSeconds: 2 });
    expect(ended.toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(await hasher.verify('secret', known)).toBe(true);
  });

  it('never runs more than it may at a time, also after a full queue', async () => {
    const random = pooledRandom();
    let running = 0;
    let most = 0;
    const queue = boundedQueue({ ...cheap, waiting: 100 });
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve(random.bytes(1));
      await new Promise(setImmediate);
      running -= 1;
    };
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 20 }, () => queue(work)));
      await queue(() => Promise.reject(new Error('a failure gives its place back'))).catch(() => undefined);
    }
    expect(most).toBe(cheap.atMost);
  });

  it.each([
    ['less memory', { memoryKib: 32 }, true],
    ['the same', {}, false],
    ['more memory', { memoryKib: 128 }, false],
  ])('calls a hash with %s outdated or not', async (_title, changes, isOutdated) => {
    const made = await argon2Hasher({ ...cheap, ...changes }, pooledRandom()).hash('secret');
    expect(argon2Hasher(cheap, pooledRandom()).isOutdated(made)).toBe(isOutdated);
  });
});

describe('pooledRandom', () => {
  it('never gives the same bytes twice, nor bytes that a later call changes', () => {
    const random = pooledRandom();
    const first = random.bytes(32);
    const copy = Buffer.from(first).toString('hex');
    const seen = new Set(Array.from({ length: 1000 }, () => Buffer.from(random.bytes(32)).toString('hex')));
    expect(seen.size).toBe(1000);
    expect(Buffer.from(first).toString('hex')).toBe(copy);
    expect(copy).not.toMatch(/^0+$/);
  });
});
