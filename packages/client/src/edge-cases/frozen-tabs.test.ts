import { milliseconds } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import {
  type Tab,
  type World,
  api,
  hour,
  inTime,
  minute,
  openWorld,
  pass,
  person,
  settled,
  signedIn,
  tokens,
} from '../testing/session-world.fixture.js';

/** Each opens a world for every step. */
const slow = { timeout: 60_000 };
const grace = { username: 'grace', password: 'another passphrase' };

/** A tab that freezes in the middle of its refresh, and another one beside it. */
interface Frozen {
  readonly world: World;
  readonly frozen: Tab;
  /** How the refresh ends. */
  readonly refresh: Promise<unknown>;
  readonly other: Tab;
}

type Story = (given: Frozen) => Promise<unknown>;

/** Opens two tabs and freezes the first after so many steps of a refresh; `undefined` if it has not so many. */
async function freezeAfter(step: number, whenFrozen: 'aborts' | 'waits'): Promise<Frozen | undefined> {
  const world = openWorld();
  world.storage.database.whenFrozen = whenFrozen;
  const [frozen, other] = (await signedIn(world, 2)) as [Tab, Tab];
  await world.clock.advance(2000);
  frozen.door.freezeAfter(step);
  const refresh = frozen.session.refresh().catch((error: unknown) => error);
  await settled(world);
  return frozen.door.isFrozen ? { world, frozen, other, refresh } : undefined;
}

/**
 * Freezes a tab after each step of a refresh in turn: lock, reading, key, answer, each request of the commit. What the
 * other does goes on until it is done, or to where it waits for the frozen one; then that thaws.
 */
async function atEachStep(whenFrozen: 'aborts' | 'waits', meanwhile: Story, check: Story): Promise<void> {
  let step = 0;
  for (let given = await freezeAfter(0, whenFrozen); given; given = await freezeAfter((step += 1), whenFrozen)) {
    const { world, frozen, refresh } = given;
    if (whenFrozen === 'waits') world.clock.wake(milliseconds(20_000), () => void frozen.door.thaw());
    try {
      await meanwhile(given);
      await frozen.door.thaw();
      await inTime(world, refresh);
      await settled(world);
      await check(given);
    } catch (cause) {
      throw new Error(`The tab froze after step ${step}.`, { cause });
    }
  }
  expect(step).toBeGreaterThan(7);
}

const refreshedTimes =
  (times: number): Story =>
  async ({ world, other }) => {
    for (let count = 0; count < times; count += 1) {
      await world.clock.advance(2000);
      await inTime(world, other.session.refresh());
    }
  };

/** Both go on with the newest tokens that there are, and the server takes them. */
const goOn: Story = async ({ world, frozen, other }) => {
  const newest = world.storage.record()!.session!;
  expect([...(await tokens([frozen, other]))]).toEqual([newest.accessToken]);
  for (const tab of [frozen, other]) {
    await world.clock.advance(2000);
    await inTime(world, tab.session.refresh());
  }
  await settled(world);
  expect((await tokens([frozen, other])).size).toBe(1);
};

const nobodyIsOut = ({ frozen, other }: Frozen): void => expect([frozen.signedOut, other.signedOut]).toEqual([[], []]);

const signOut: Story = ({ world, other }) => inTime(world, other.session.signOut());
const signUpGrace: Story = ({ world, other }) => inTime(world, other.session.signUp(grace));

describe.each(['aborts', 'waits'] as const)(
  'a tab that freezes at any step of its refresh (%s)',
  slow,
  (whenFrozen) => {
    it('E4: and thaws with its old answer, leaves the newer state alone', async () => {
      let newest: string | undefined;
      const meanwhile: Story = async (given) => {
        await refreshedTimes(2)(given);
        newest = given.world.storage.record()?.session?.refreshToken;
      };
      await atEachStep(whenFrozen, meanwhile, async (given) => {
        expect(given.world.storage.record()?.session?.refreshToken).toBe(newest);
        await goOn(given);
        nobodyIsOut(given);
      });
    });

    it('E13: while another signs out, brings nothing back', async () => {
      await atEachStep(whenFrozen, signOut, isOver);
    });

    it('E46: while another signs out and user B signs in, brings nothing of A back', async () => {
      const meanwhile: Story = (given) => signOut(given).then(() => signUpGrace(given));
      await atEachStep(whenFrozen, meanwhile, staysGrace);
    });

    it('E47: while user B signs in over it, leaves the new session alone', async () => {
      await atEachStep(whenFrozen, signUpGrace, staysGrace);
    });

    it('E47: while the same person signs in again, goes on with the new session', async () => {
      const meanwhile: Story = ({ world, other }) => inTime(world, other.session.signIn(person));
      await atEachStep(whenFrozen, meanwhile, async (given) => {
        expect(given.world.storage.record()?.epoch).toBe(2);
        await goOn(given);
        nobodyIsOut(given);
      });
    });
  },
);

it(
  'E45: a tab that freezes at any step of its refresh while the others rotate ten times adopts, and nobody is out',
  slow,
  async () => {
    const told: string[] = [];
    await atEachStep('aborts', refreshedTimes(10), async (given) => {
      const { frozen, world } = given;
      told.push(...frozen.session.explain().map(({ type }) => type));
      expect(world.storage.record()?.session?.generation).toBeGreaterThanOrEqual(10);
      await goOn(given);
      nobodyIsOut(given);
    });
    // Who had its token, and had not sent it, was answered 409.
    expect(told).toContain('superseded');
  },
);

it(
  'E13: a refresh and a sign-out that freeze at any step each, the refresh thawing first, bring nothing back',
  slow,
  async () => {
    let [step, stepOut] = [0, 0];
    for (; ; stepOut += 1) {
      const given = await freezeAfter(step, 'aborts');
      if (!given) break;
      const { world, frozen, other, refresh } = given;
      other.door.freezeAfter(stepOut);
      const out = other.session.signOut();
      await settled(world);
      const isLast = !other.door.isFrozen;
      await frozen.door.thaw();
      await settled(world);
      await other.door.thaw();
      await inTime(world, Promise.all([refresh, out]));
      await isOver(given).catch((cause: unknown) => {
        throw new Error(`The refresh froze after step ${step}, the sign-out after ${stepOut}.`, { cause });
      });
      if (isLast) [step, stepOut] = [step + 1, -1];
    }
    expect(step).toBeGreaterThan(7);
  },
);

/** Signed out for good: here, in the other tab, in storage, and at the server. */
const isOver: Story = async ({ world, frozen, other }) => {
  await world.clock.advance(hour);
  await settled(world);
  expect([frozen.signedOut, other.signedOut]).toEqual([['elsewhere'], ['user']]);
  expect([world.storage.record()?.session, world.storage.copies.at(-1)?.session]).toEqual([null, null]);
  for (const { session } of [frozen, other]) expect(session.snapshot().status).toBe('signed-out');
  await isRefused(world);
};

/** Grace is there, in both tabs and in storage; nobody saw ada again, and ada's session is over at the server. */
const staysGrace: Story = async (given) => {
  const { world, frozen, other } = given;
  for (const { people } of [frozen, other]) {
    expect(people.lastIndexOf('ada')).toBeLessThan(people.indexOf('grace'));
    expect(people.at(-1)).toBe('grace');
  }
  const copies = world.storage.copies.map((copy) => copy?.session?.user?.username);
  expect(copies.lastIndexOf('ada')).toBeLessThan(copies.indexOf('grace'));
  await goOn(given);
  await pass(world, minute);
  expect(world.storage.record()?.session?.user?.username).toBe('grace');
};

/** Whatever was presented for the session so far is refused now. */
async function isRefused(world: World): Promise<void> {
  const presented = world.sent.flatMap(({ url, body }) => (url.endsWith('/refresh') ? [body] : []));
  for (const body of presented) {
    const answer = await world.pass({ method: 'POST', url: `${api}/auth/refresh`, ...(body && { body }) });
    expect([answer.status, answer.body]).toMatchObject([401, { error: 'invalid_grant' }]);
  }
}
