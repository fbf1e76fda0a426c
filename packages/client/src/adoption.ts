import { milliseconds } from '@latchkey/protocol';
import { dateTokens } from './core/issued-tokens.js';
import { adoptWithin } from './core/refresh-schedule.js';
import type { RecordChange } from './core/session-record.js';
import type { LegacyTokens } from './ports.js';
import type { SessionPorts } from './ports.js';
import { positionOf } from './token-position.js';

/** Makes an opaque token of unknown age count as expired. */
const unknownAge = 86_400_000;

/**
 * Takes over what an app keeps under its own keys, dated as well as its own word allows; the first refresh mends that.
 * However new, it counts as too old for a page that opens to take over: so that refresh comes, and loads the user.
 */
export async function adoption(found: LegacyTokens, ports: SessionPorts): Promise<RecordChange> {
  const { backend, clock, keys, random } = ports;
  const issued = { ...found, tokenType: 'Bearer', expiresIn: undefined, refreshExpiresIn: undefined } as const;
  const issuedAt = found.issuedAt === undefined ? clock.now() - unknownAge : found.issuedAt * 1000;
  const sentAt = Math.min(issuedAt, clock.now() - adoptWithin - 1);
  const { sessionId = random.id(), generation } = positionOf(backend, found.refreshToken);
  const tokens = dateTokens(issued, { sentAt: milliseconds(sentAt), sessionId, generation });
  return { kind: 'adopted', endpoint: backend.endpoint, tokens, tier: await keys.tier() };
}
