import { destination, pino } from 'pino';
import type { Logger } from './ports.js';

/** JSON lines to standard error. What may stand in them is decided by `toLogLine`, before they get here. */
export function createLogger(level: 'info' | 'warn' | 'error' = 'warn'): Logger {
  return pino({ level, base: null }, destination({ fd: 2, sync: true }));
}
