import { cpus, loadavg } from 'node:os';

/** Names what was measured on: Node's version and the processors. */
export const machine = () => `Node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}`;

/** Tells how busy the machine is, over 1, 5 and 15 minutes. */
export const load = () =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
