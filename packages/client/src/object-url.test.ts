import { resolveObjectURL } from 'node:buffer';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createObjectUrls } from './object-url.js';

let server: Server;
let base: string;
let status: number;
let type: string | undefined;

beforeEach(async () => {
  [status, type] = [200, 'image/png'];
  server = createServer((_, response) => {
    response.writeHead(status, { ...(type !== undefined && { 'content-type': type }) }).end('picture');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const urls = () => createObjectUrls((input, init) => fetch(input, init), URL);

describe('session.objectUrl', () => {
  it('M9: gives a blob: URL with the file’s bytes and type', async () => {
    const url = await urls().objectUrl(base);
    const blob = resolveObjectURL(url);
    expect([url.slice(0, 5), blob?.type, await blob?.text()]).toEqual(['blob:', 'image/png', 'picture']);
  });

  it('revokes every URL when the session ends, and goes on for the next session', async () => {
    const { objectUrl, revokeAll } = urls();
    const given = [await objectUrl(base), await objectUrl(new URL(base))];
    revokeAll();
    expect(given.map(resolveObjectURL)).toEqual([undefined, undefined]);
    expect(resolveObjectURL(await objectUrl(base))).toBeDefined();
  });

  it('gives nothing if the session ends while the file is loading', async () => {
    const { objectUrl, revokeAll } = urls();
    const loading = objectUrl(base);
    revokeAll();
    await expect(loading).rejects.toMatchObject({ kind: 'signed-out', code: 'ERR_SIGNED_OUT' });
  });

  it.each([404, 403, 500])('is a ProtocolError with the status when the API answers %i', async (answered) => {
    status = answered;
    await expect(urls().objectUrl(base)).rejects.toMatchObject({ kind: 'protocol', code: 'ERR_REJECTED', status });
  });

  it('passes the signal on', async () => {
    const reason = new Error('not any more');
    await expect(urls().objectUrl(base, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it.each(['image/svg+xml', 'application/pdf', 'text/plain;charset=utf-8', 'video/mp4', 'audio/ogg', 'font/woff2'])(
    'keeps the type %s',
    async (kept) => {
      type = kept;
      expect(resolveObjectURL(await urls().objectUrl(base))?.type).toBe(kept);
    },
  );

  it.each(['text/html', 'text/html;x=image/png', 'application/xhtml+xml', 'text/xml', 'text/plainhtml', undefined])(
    'makes %s harmless: opened by its URL, it would run script in the page’s origin',
    async (active) => {
      type = active;
      const blob = resolveObjectURL(await urls().objectUrl(base));
      expect([blob?.type, await blob?.text()]).toEqual(['application/octet-stream', 'picture']);
    },
  );
});
