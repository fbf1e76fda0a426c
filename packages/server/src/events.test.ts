import { describe, expect, it } from 'vitest';
import { cleanText, createEmitter, describeError, hashSessionId, toLogLine, type AuthEvent } from './events.js';

const event: AuthEvent = {
  type: 'signed_in',
  at: 1 as AuthEvent['at'],
  requestId: 'r',
  address: '192.0.2.1',
  userAgent: 'agent',
  userId: 'u',
  session: hashSessionId('session-id'),
};

function recorded() {
  const lines: [string, object][] = [];
  const write = (level: string) => (fields: object) => void lines.push([level, fields]);
  return { lines, logger: { info: write('info'), warn: write('warn'), error: write('error') } };
}

describe('log lines', () => {
  it('have the fields of the allow-list and no other', () => {
    const fields = { event: 'x', status: 200, password: 'secret', refresh: 'secret', user: undefined };
    expect(toLogLine(fields)).toEqual({ event: 'x', status: 200 });
  });

  it('blot out what looks like a token, encode what could end a line, and cut what is long', () => {
    expect(cleanText('a lk1_AbC-9.x_y b')).toBe('a [token] b');
    expect(cleanText(`to lko1_${'a-_'.repeat(14)}b.`)).toBe('to [token]');
    expect(cleanText('eyJhbGciOiJFUzI1NiJ9.e30.sig')).toBe('[token]');
    expect(cleanText('a\r\n\u2028\u0085\u202eb')).toBe('a\\u000d\\u000a\\u2028\\u0085\\u202eb');
    expect(cleanText('x'.repeat(1000))).toHaveLength(256);
    expect(cleanText(`${'x'.repeat(250)} lk1_${'A'.repeat(90)}`)).not.toContain('lk1_');
  });

  it('name a session by a hash alone', () => {
    const { lines, logger } = recorded();
    createEmitter(logger)(event);
    expect(lines).toEqual([
      [
        'info',
        {
          event: 'signed_in',
          request_id: 'r',
          user: 'u',
          session: hashSessionId('session-id'),
          address: '192.0.2.1',
          user_agent: 'agent',
        },
      ],
    ]);
    expect(JSON.stringify(lines)).not.toContain('session-id');
  });

  it.each([
    ['a reuse', { type: 'refresh_reused' }],
    ['a request that is repeated often', { type: 'refresh_repeated_often' }],
    ['a key that the key file has lost', { type: 'refresh_refused', reason: 'retired_key' }],
  ] as const)('warn of %s', (_title, changes) => {
    const { lines, logger } = recorded();
    createEmitter(logger)({ ...event, ...changes });
    expect(lines[0]?.[0]).toBe('warn');
  });

  it('tell of a hook that throws, without its message, and go on', () => {
    const { lines, logger } = recorded();
    const emit = createEmitter(logger, () => {
      throw new Error('secret');
    });
    emit(event);
    expect(lines.map(([level]) => level)).toEqual(['info', 'error']);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('tell of an asynchronous hook that rejects, and go on', async () => {
    const { lines, logger } = recorded();
    const hook: unknown = () => Promise.reject(new Error('secret'));
    createEmitter(logger, hook as () => void)(event);
    await Promise.resolve();
    expect(lines.map(([level]) => level)).toEqual(['info', 'error']);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('say of an error its name, code and frames, never its message', () => {
    const told = describeError(Object.assign(new RangeError('secret'), { code: 'E_X' }));
    expect(told.error).toBe('RangeError E_X');
    expect(told.frames).toContain('at ');
    expect(JSON.stringify(told)).not.toContain('secret');
    expect(describeError('secret')).toEqual({ error: 'string' });
  });
});
