import { describe, expect, test } from 'vitest';
import { minutes } from '../harness/lengths-of-time.js';
import { startAppWorld } from './harness/app-world.js';
import { builtApp } from './harness/built-app.js';
import { commonTests, openSignedIn, says } from './harness/common-tests.js';

describe('M14: an app on Angular 22 with modules, zone.js and the class interceptor, built from packed packages', () => {
  commonTests({ line: 'v22', name: 'modules', sender: 'xhr', zone: true });
});

test('M14: an upload shows its progress and survives one repeat', async () => {
  const world = await startAppWorld(await builtApp('v22', 'modules'));
  const tab = await openSignedIn(world);
  world.clock.advance(minutes(20));
  const buffer = Buffer.alloc(300_000, 'latchkey');
  await tab.setInputFiles('#file', { name: 'statement.bin', mimeType: 'application/octet-stream', buffer });
  await says(tab, '#answer', '/files/upload answered');
  const events = (await tab.innerText('#events')).split(' ');
  expect(events.at(0)).toBe('Sent');
  expect(events).toContain('UploadProgress:300000/300000');
  expect(events.at(-1)).toBe('Response');
  expect(events.filter((event) => event === 'Response')).toHaveLength(1);
  const uploads = world.api.received.map(({ status, bodyBytes }) => ({ status, bodyBytes }));
  expect(uploads).toEqual([
    { status: 401, bodyBytes: 300_000 },
    { status: 204, bodyBytes: 300_000 },
  ]);
});
