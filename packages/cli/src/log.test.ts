import { expect, it } from 'vitest';
import { formatLine } from './log.js';
import { complaintAboutNode } from './node-version.js';

it('writes an event as one plain line', () => {
  const line = { level: 30, time: 1_800_000_000_000, event: 'signed_in', user: 'u1', status: 200, msg: 'signed_in' };
  expect(formatLine(JSON.stringify(line))).toBe('08:00:00 info  signed_in user=u1 status=200\n');
});

it('lets nobody write to the terminal through a log field', () => {
  const line = { level: 40, time: 0, msg: 'x', user_agent: 'a\u001b[2Jb\nc\u202ed' };
  expect(formatLine(JSON.stringify(line))).toBe('00:00:00 WARN  x user_agent=a?[2Jb?c?d\n');
});

it.each([
  ['v22.12.0', true],
  ['v24.21.0', true],
  ['v22.11.9', false],
  ['v20.19.5', false],
  ['v8.0.0', false],
])('takes Node %s: %s', (version, fine) => {
  expect(complaintAboutNode(version) === undefined).toBe(fine);
});
