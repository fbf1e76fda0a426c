import { type MachineSettings, type StoredSession, marginOf } from '@latchkey/client/core';
import { type Seconds, milliseconds, seconds } from '@latchkey/protocol';
import { presets } from '@latchkey/server';

/** An app, by the lifetimes that its server gives. */
export interface App {
  readonly name: string;
  readonly accessSeconds: Seconds;
  readonly idleSeconds: Seconds;
  readonly absoluteSeconds: Seconds;
}

const { everyday } = presets;

const app = (name: string, accessSeconds: number, idleSeconds: number = everyday.idleSeconds): App => ({
  name,
  accessSeconds: seconds(accessSeconds),
  idleSeconds: seconds(idleSeconds),
  absoluteSeconds: seconds(everyday.absoluteSeconds),
});

/** Our defaults for most people; also shorter and longer tokens, and such as no `setTimeout` holds (2³¹ ms). */
export const apps: readonly (readonly [weight: number, app: App])[] = [
  [90, app('15 minutes', everyday.accessSeconds)],
  [4, app('5 minutes', 300)],
  [4, app('1 hour', 3600)],
  [2, app('28 days', 28 * 86_400, 60 * 86_400)],
];

/** The defaults of `createSession`. */
export const settings: MachineSettings = {
  margin: { atMost: milliseconds(300_000), fractionOfLifetime: 0.2 },
  refreshOnLoad: true,
  whenRefused: 'sign-out',
  lockWait: milliseconds(15_000),
  tokenWait: milliseconds(5000),
};

/** How long after a refresh the next is due, in milliseconds. */
export function periodOf({ accessSeconds }: App): number {
  const lifetime = accessSeconds * 1000;
  const dated = { accessExpiresAt: milliseconds(lifetime), refreshedAt: milliseconds(0) } as StoredSession;
  return lifetime - marginOf(dated, settings.margin);
}
