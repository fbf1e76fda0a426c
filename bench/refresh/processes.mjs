import { fork } from 'node:child_process';
import { inRoot } from '../../tools/bootstrap/root.mjs';

/** Starts one process of a contender: its port, and a way to ask it things. */
export async function startProcess(script, options, { profile = false } = {}) {
  const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${inRoot('test-output')}`] : [];
  const child = fork(inRoot('bench', 'refresh', 'contenders', script), [JSON.stringify(options)], {
    execArgv: profiling,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const waiting = new Map();
  let asked = 0;
  let ended = false;
  const port = await new Promise((resolve, reject) => {
    child.on('message', ({ ready, port: opened, id, answer }) => {
      if (ready) return resolve(opened);
      waiting.get(id)?.resolve(answer);
      waiting.delete(id);
    });
    child.once('exit', (code) => {
      ended = true;
      const error = new Error(`${script} ended with ${code}; what it wrote stands above.`);
      reject(error);
      for (const one of waiting.values()) one.reject(error);
    });
  });
  return {
    port,
    ask: (question, about) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(new Error(`${script} has ended.`));
        waiting.set(++asked, { resolve, reject });
        child.send({ id: asked, question, about });
      }),
    close: () =>
      new Promise((resolve) => {
        if (ended) return resolve();
        child.once('exit', resolve);
        child.disconnect();
      }),
  };
}
