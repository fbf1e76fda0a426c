import { existsSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPostgresBinaries } from './postgres/find-binaries.js';
import { type ThrowawayPostgres, standbyOf, throwawayPostgres } from './throwaway-postgres.js';

describe('a PostgreSQL to throw away', { timeout: 60_000 }, () => {
  let postgres: ThrowawayPostgres;
  beforeAll(async () => {
    postgres = await throwawayPostgres();
    await postgres.query('CREATE TABLE t (n int)');
  }, 60_000);
  afterAll(() => postgres.stop());

  it('keeps what it has committed through a kill, and ends its clients', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    const lost = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await client.query('INSERT INTO t VALUES (1)');
    await client.query('BEGIN; INSERT INTO t VALUES (2)');
    await postgres.kill();
    await lost;
    await postgres.restart();
    expect(await postgres.query('SELECT n FROM t')).toEqual([{ n: 1 }]);
    expect(await postgres.query('SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('has a standby that takes over with what a synchronous commit has answered', async () => {
    const primary = await throwawayPostgres();
    const standby = await standbyOf(primary, { isSynchronous: true });
    await primary.query('CREATE TABLE t AS SELECT 1 AS n');
    await primary.kill();
    await standby.promote();
    expect(await standby.query('INSERT INTO t VALUES (2) RETURNING n')).toEqual([{ n: 2 }]);
    expect(await standby.query('SELECT n FROM t ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
    await standby.stop();
    await primary.stop();
    expect([primary, standby].filter(({ folder }) => existsSync(folder))).toEqual([]);
  });

  it('has a standby that loses what was written after it was cut off', async () => {
    const standby = await standbyOf(postgres);
    await standby.cutOff();
    await postgres.query('INSERT INTO t VALUES (9)');
    await standby.promote();
    expect(await standby.query('SELECT n FROM t WHERE n = 9')).toEqual([]);
    await standby.stop();
  });

  it('says what to install or to name where there is none', () => {
    expect(() => findPostgresBinaries({ LATCHKEY_POSTGRES: '/nowhere' })).toThrow(/LATCHKEY_POSTGRES is "\/nowhere"/);
  });
});
