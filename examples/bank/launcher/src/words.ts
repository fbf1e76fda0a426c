import type { Command, LauncherState, SeenRequest } from './launcher-types.js';

const networks = { fine: 'Fine', cut: 'Cut off', slow: 'Slow' } as const;
const servers = {
  fine: 'Fine',
  unavailable: 'Answers 503',
  throttling: 'Answers 429',
  broken: 'Answers 500',
  portal: 'A hotel answers',
  stopped: 'Stopped',
} as const;

/** Names how network and server are. */
export const nameNetwork = (state: LauncherState): string => networks[state.network];
export const nameServer = (state: LauncherState): string => servers[state.server];

/** Says how far the server's clock is from the machine's: `1 day, 4 min ahead`. */
export function sayOffset(milliseconds: number): string {
  if (milliseconds === 0) return 'Real time';
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const parts = [
    [Math.floor(minutes / 1440), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'min'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${plural(unit, count)}`);
  return `${said.join(', ')} ${milliseconds > 0 ? 'ahead' : 'behind'}`;
}

const plural = (unit: string, count: number): string => (unit === 'min' || count === 1 ? unit : `${unit}s`);

/** Says which faults wait for their request; empty when none does. */
export function sayArmed({ armed: { loseRefreshes, cutAnswers } }: LauncherState): string {
  const lose =
    loseRefreshes > 1
      ? `the next ${loseRefreshes} refreshes to lose their answers`
      : 'the next refresh to lose its answer';
  const waits = [
    ...(loseRefreshes > 0 ? [lose] : []),
    ...(cutAnswers > 0 ? ['the next answer to be cut in half'] : []),
  ];
  return waits.length > 0 ? `Waiting for ${waits.join(', and for ')}.` : '';
}

/** Says what a command has done, for whoever does not see the panel. */
export function sayDone(command: Command, state: LauncherState): string {
  if (command.kind === 'network') return `Network: ${nameNetwork(state)}.`;
  if (command.kind === 'server') return `Server: ${nameServer(state)}.`;
  if (command.kind === 'sign-out-everywhere')
    return `${state.bank.username} is signed out everywhere. Open Devices in the bank to see it.`;
  if (command.kind === 'move-clock' || command.kind === 'reset-clock') {
    return `Server’s clock: ${sayOffset(state.clock.aheadBy)}.`;
  }
  return sayArmed(state) || 'Taken back.';
}

/** How a request went. */
export interface Outcome {
  readonly text: string;
  /** More about it; empty where there is none. */
  readonly note: string;
  readonly tone: 'good' | 'bad' | 'info' | 'waiting';
}

const faults = {
  'drop-request': 'No way through',
  'drop-response': 'Answer lost',
  'cut-response': 'Answer cut',
} as const;

/** Puts in words how a request went. */
export function sayOutcome(request: SeenRequest): Outcome {
  const { text, tone } = verdictOf(request);
  return { text, tone, note: noteOf(request) };
}

function verdictOf({ end, fault }: SeenRequest): Omit<Outcome, 'note'> {
  if (!end) return { text: 'Under way…', tone: 'waiting' };
  if (fault === 'answer') return { text: String(end.status ?? 'No answer'), tone: 'bad' };
  if (fault) return { text: faults[fault], tone: 'bad' };
  if (end.status === undefined) return { text: 'No answer', tone: 'bad' };
  return { text: String(end.status), tone: end.status < 400 ? 'good' : 'info' };
}

function noteOf(request: SeenRequest): string {
  const retry = noteOfRetry(request);
  return request.fault === 'answer' && request.end ? `Not by the bank: the launcher answered. ${retry}`.trim() : retry;
}

function noteOfRetry({ end, fault, key }: SeenRequest): string {
  const isLost = fault === 'drop-response' || fault === 'cut-response';
  if (!isRetry(key)) return isLost ? 'The server has done its work, and nobody knows.' : '';
  if (isLost) return 'Same key again: a retry, lost as well.';
  const isSame = key === 'answered' && fault === undefined && (end?.status ?? 500) < 300;
  return isSame ? 'Same key again: a retry, same answer.' : 'Same key again: a retry.';
}

/** Tells whether the same refresh had been asked for before. */
export const isRetry = (key: SeenRequest['key']): boolean => key === 'answered' || key === 'unanswered';

/** Says how long a request took. */
export const sayDuration = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
