import type { RecordChange } from '@latchkey/client/core';
import { milliseconds } from '@latchkey/protocol';
import { readToken } from './symbolic-tokens.js';
import { type Answer, type Scope, now } from './world.js';

/** The change of the record that a granted sign-in leads to. */
export function changeOfSignIn({ verdict }: Answer, { tier }: Scope): RecordChange | undefined {
  if (verdict.kind !== 'success') return undefined;
  const { accessToken, refreshToken = '', user } = verdict.tokens;
  const { session: sessionId } = readToken(refreshToken);
  const at = milliseconds(now);
  const times = { refreshedAt: at, usableFrom: at, accessExpiresAt: milliseconds(now * 2), sessionExpiresAt: null };
  const tokens = { accessToken, refreshToken, user, sessionId, generation: 0, ...times };
  return { kind: 'signed-in', endpoint: 'server', tokens, tier, remember: true };
}
