import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nothing, ownSessions, refreshTokens, sessionCookies } from './chains.mjs';
import { startProcess } from './processes.mjs';

const cores = availableParallelism();

/**
 * Starts contenders, and ends them after `work`. What each has: `name`; `processes`, with the clients spread over them as
 * a balancer would; `chain`, what its clients send.
 */
export async function withContenders(definitions, work) {
  const started = [];
  try {
    for (const definition of definitions) started.push(await start(definition));
    return await work(started);
  } finally {
    await Promise.all(started.flatMap(({ processes }) => processes).map((one) => one.close()));
  }
}

async function start({ name, script, options, count = 1, chain, profile }) {
  const processes = [];
  while (processes.length < count) processes.push(await startProcess(script, options, { profile }));
  return { name, processes, chain: chain(processes[0].ask) };
}

/** The floor and Latchkey, on a store with tables of their own each; in one process, and in one for each core. */
export async function ours({ prepare, keys, rows, profile }) {
  const definition = async (name, { script, count, profile: profiled }) => ({
    name,
    script,
    count,
    profile: profiled,
    options: await prepare(rows),
    chain: () => ownSessions(keys),
  });
  const floor = (count) => ({ script: 'floor.mjs', count });
  const latchkey = (count) => ({ script: 'latchkey.mjs', count, profile: profile && count === 1 });
  const one = [await definition('floor', floor(1)), await definition('Latchkey', latchkey(1))];
  if (cores === 1) return one;
  return [
    ...one,
    await definition(`floor, ${cores} processes`, floor(cores)),
    await definition(`Latchkey, ${cores} processes`, latchkey(cores)),
  ];
}

/** The peers. What they answered may be lost in a power cut; Latchkey's and the floor's may not. */
export function peers(folder) {
  const tokens = (ask) => refreshTokens({ ask, path: '/token' });
  const script = 'oidc-provider.mjs';
  const file = (name) => ({ database: join(folder, name) });
  return [
    { name: 'oidc-provider, in memory', script, options: {}, chain: tokens },
    { name: 'oidc-provider, in memory, with ID token', script, options: { withIdToken: true }, chain: tokens },
    { name: 'oidc-provider, SQLite NORMAL', script, options: file('oidc-provider.db'), chain: tokens },
    {
      name: 'better-auth, SQLite NORMAL',
      script: 'better-auth.mjs',
      options: file('better-auth.db'),
      chain: (ask) => sessionCookies({ ask, path: '/api/auth/get-session' }),
    },
  ];
}

/** A server that does one part of the floor's work at a time. */
export const partsOfRefresh = (options) => ({ name: 'parts', script: 'parts.mjs', options, chain: nothing });
