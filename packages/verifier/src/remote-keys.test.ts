import { milliseconds } from '@latchkey/protocol';
import { expect, it } from 'vitest';
import { makeKey } from './issuer.fixture.js';
import { importEs256Key } from './node-signature.js';
import { createRemoteKeys } from './remote-keys.js';

it('imports a key set once for all who wait for it, and takes 64 keys of it at most', async () => {
  const jwks = Array.from({ length: 200 }, (_, index) => ({ ...makeKey(`k${index}`).jwk }));
  let imported = 0;
  const keys = createRemoteKeys({
    url: new URL('https://auth.example.com/keys'),
    clock: { now: () => milliseconds(0) },
    fetch: () => Promise.resolve(Response.json({ keys: jwks })),
    importKey: (jwk) => {
      imported++;
      return importEs256Key(jwk);
    },
  });
  const found = await Promise.all(Array.from({ length: 20 }, async (_, index) => keys.find(`k${index}`)));
  expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['key']));
  expect(imported).toBe(64);
  expect((await keys.find('k64')).kind).toBe('unknown');
});
