import { type Milliseconds, type User, milliseconds } from '@latchkey/protocol';
import { adoption } from './adoption.js';
import type { RequestRules } from './core/request-rules.js';
import type { SessionRecord } from './core/session-record.js';
import type { MachineSettings } from './core/session-state.js';
import { type SessionEvent, createTimeline } from './core/timeline.js';
import { type Fetch, createFetch } from './fetch.js';
import { type Lending, type Lent, lending } from './lending.js';
import { type ObjectUrls, createObjectUrls } from './object-url.js';
import type { Stop } from './ports.js';
import { type RequestGate, createGate } from './request-gate.js';
import type { Session, SessionOptions, Snapshot } from './session.js';
import { SessionActions, otherEndpoint } from './session-actions.js';
import type { SessionPorts } from './ports.js';
import { SessionRunner } from './session-runner.js';

/** Puts an entry of the timeline down. */
type Note = (event: string, reason?: string) => void;

/** What a session is made of, beside its options. */
export interface SessionParts {
  /** Makes the ports; what they have to tell goes to the timeline. */
  ports(note: Note): SessionPorts;
  readonly rules: RequestRules;
  readonly fetch: Fetch;
  readonly urls: Pick<typeof URL, 'createObjectURL' | 'revokeObjectURL'>;
}

/** Puts a session together from its options and its ports. Does nothing yet: `start` does. */
export function createSessionFrom<Profile>(options: SessionOptions, parts: SessionParts): Session<Profile> & Lending {
  const listeners = new Set<(snapshot: Snapshot<Profile>) => void>();
  const note: Note = (type, reason) => {
    const event: SessionEvent = { at: ports.clock.now(), type, ...(reason !== undefined && { reason }) };
    timeline.add(event);
    guarded(() => options.onEvent?.(event));
  };
  const ports = parts.ports(note);
  const timeline = createTimeline(ports.history ?? unwritten);
  const runner = new SessionRunner(ports, settingsOf(options), {
    note,
    changed(snapshot) {
      for (const listener of [...listeners]) guarded(() => listener(snapshot as Snapshot<Profile>));
    },
    left: () => files.revokeAll(),
    signedOut(reason) {
      note('signed_out', reason);
      guarded(() => options.onSignedOut?.(reason));
    },
  });
  const actions = new SessionActions(runner, ports);
  const gate = createGate(actions.requests(note), parts.rules);
  const send = createFetch(gate, parts.fetch);
  const files: ObjectUrls = createObjectUrls(send, parts.urls);
  const snapshot = (): Snapshot<Profile> => runner.snapshot as Snapshot<Profile>;
  const begun = (): Snapshot<Profile> => (note('signed_in'), snapshot());
  return {
    start: starter(runner, ports, note),
    snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    signIn: (credentials, { remember = true } = {}) => actions.signIn(credentials, remember).then(begun),
    signUp: (details, { remember = true } = {}) => actions.signUp(details, remember).then(begun),
    signOut: ({ everywhere = false } = {}) => actions.signOut(everywhere),
    accessToken: ({ minValidity = 0, signal } = {}) => actions.accessToken(minValidity, signal),
    refresh: () => actions.refresh().then(snapshot),
    updateUser: (patch) => actions.updateUser(patch) as Promise<User<Profile>>,
    changePassword: (change) => actions.changePassword(change),
    fetch: send,
    objectUrl: files.objectUrl,
    explain: () => timeline.entries(),
    [lending]: lend(gate, actions, ports),
  };
}

/** For a session that keeps nothing outside the page. */
const unwritten = { read: () => null, write: () => false };

const lend = (gate: RequestGate, actions: SessionActions, { clock, activity }: SessionPorts): Lent => ({
  gate,
  fetchBy: (send) => createFetch(gate, send),
  clock,
  activity,
  endInactive: () => actions.end('inactive'),
});

/** Starts once however often it is called (StrictMode, hot reload) and ends when all who started it have stopped. */
function starter(runner: SessionRunner, ports: SessionPorts, note: Note): () => Stop {
  let starts = 0;
  let end: Stop = () => undefined;
  return () => {
    if (starts++ === 0) end = begin(runner, ports, note);
    let stopped = false;
    return () => {
      if (stopped) return;
      stopped = true;
      if (--starts === 0) end();
    };
  };
}

function begin(runner: SessionRunner, ports: SessionPorts, note: Note): Stop {
  const { storage, lifecycle, backend } = ports;
  runner.active = true;
  note('started');
  const hint = storage.hint();
  if (hint && hint.endpoint !== backend.endpoint) {
    // Read all the same: an app that goes on without a session must know that nobody is signed in.
    void runner.read();
    throw otherEndpoint(backend);
  }
  const look = (): void => void runner.read();
  const stops = [
    storage.watch(look),
    ports.activity?.watch() ?? (() => undefined),
    lifecycle.subscribe((event) => {
      if (event === 'awake') {
        look();
        return;
      }
      note(event);
      runner.dispatch({ type: 'network', online: event === 'online' });
    }),
  ];
  const started = (): void =>
    runner.dispatch({ type: 'started', hint: first ? undefined : hint, online: lifecycle.online() });
  const first = hint ? forget(hint, runner, ports) : adopt(runner, ports);
  if (first) void first.then(started);
  else started();
  return () => {
    runner.stop();
    for (const stop of stops) stop();
  };
}

/** Ends a session that was to be gone with the last tab, if this tab is the first one since. */
function forget(
  { session }: SessionRecord,
  runner: SessionRunner,
  { presence }: SessionPorts,
): Promise<void> | undefined {
  if (session?.remember !== false) return undefined;
  return presence.alone().then(async (alone) => {
    if (alone) await runner.change({ kind: 'signed-out', reason: 'expired', sessionId: session.id, revoke: true });
  });
}

/** Takes over what an app kept before Latchkey. */
function adopt(runner: SessionRunner, ports: SessionPorts): Promise<boolean> | undefined {
  const found = ports.legacy?.();
  return typeof found === 'object' ? adoption(found, ports).then((change) => runner.change(change)) : undefined;
}

function settingsOf(options: SessionOptions): MachineSettings {
  const { refreshMargin = {}, refreshOnLoad = true, whenRefused = 'sign-out', lockWaitSeconds = 15 } = options;
  const { atMost = 300, fractionOfLifetime = 0.2 } = refreshMargin;
  const inMilliseconds = (seconds: number): Milliseconds => milliseconds(seconds * 1000);
  return {
    margin: { atMost: inMilliseconds(atMost), fractionOfLifetime },
    refreshOnLoad,
    whenRefused,
    lockWait: inMilliseconds(lockWaitSeconds),
    tokenWait: inMilliseconds(5),
  };
}

/** An app's callback that throws must not stop the session; the error goes where uncaught ones go. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
