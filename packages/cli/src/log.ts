import { type Logger, pino } from 'pino';
import { printable } from './say.js';

/** How a server logs. */
export interface LogOptions {
  readonly level: 'info' | 'warn' | 'error';
  readonly format: 'text' | 'json';
}

const levels: Readonly<Record<string, string>> = { '30': 'info ', '40': 'WARN ', '50': 'ERROR' };

/** Makes a log on standard error: JSON lines for machines, or one plain line an event for people. */
export function createLog({ level, format }: LogOptions): Logger {
  if (format === 'json') return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
  return pino({ level, base: null }, { write: (line: string) => void process.stderr.write(formatLine(line)) });
}

/** Turns a JSON line into `12:30:59 info  signed_in user=… session=…`. */
export function formatLine(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const clock = new Date(Number(time)).toISOString().slice(11, 19);
  const more = Object.entries(fields).filter(([name, value]) => name !== 'event' || value !== msg);
  const words = more.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${printable([clock, levels[String(level)] ?? String(level), String(msg), ...words].join(' '))}\n`;
}
