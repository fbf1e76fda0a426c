import type { Passed } from '@latchkey/example-shared';
import type { LauncherState, SeenRequest } from '../../../launcher/src/launcher-types.js';

/** How many requests the panel lists, and how many idempotency keys are remembered. */
const remembered = { requests: 60, keys: 1000 };

/** What went by, as the panel shows it. */
export interface Journal {
  /** Takes down a request when it comes, and again when it is over. */
  note(passed: Passed): void;
  readonly counts: LauncherState['counts'];
  /** Newest first. */
  readonly requests: readonly SeenRequest[];
}

/** Makes a journal of calls of the token server and the API; the app's files are not in it. */
export function createJournal(): Journal {
  const counts = { refreshes: 0, lost: 0, retries: 0 };
  const seen = new Map<Passed, SeenRequest>();
  /** Every idempotency key, and whether the server has answered it. */
  const keys = new Map<string, boolean>();
  let lastId = 0;

  function begin(passed: Passed): void {
    const { method, fault, at } = passed;
    const isRefresh = method === 'POST' && passed.path === '/auth/refresh';
    const key = takeDown(passed.idempotencyKey);
    if (isRefresh) counts.refreshes++;
    if (key === 'answered' || key === 'unanswered') counts.retries++;
    const path = withoutIds(passed.path);
    seen.set(passed, { id: ++lastId, at, method, path, isRefresh, key, fault, end: undefined });
    dropOldest(seen, remembered.requests);
  }

  function takeDown(key: string | undefined): SeenRequest['key'] {
    if (key === undefined) return 'none';
    const known = keys.get(key);
    if (known !== undefined) return known ? 'answered' : 'unanswered';
    keys.set(key, false);
    dropOldest(keys, remembered.keys);
    return 'new';
  }

  function finish(passed: Passed): void {
    const { fault, idempotencyKey: key, end } = passed;
    const isLost = fault === 'drop-response' || fault === 'cut-response';
    if (isLost) counts.lost++;
    const status = fault === undefined ? end?.status : undefined;
    if (key !== undefined && keys.has(key)) {
      // Who was not let in comes again with a token or a password, and it is the first time for that key.
      if (status === 401) keys.delete(key);
      else if (isLost || status !== undefined) keys.set(key, true);
    }
    const begun = seen.get(passed);
    if (begun) seen.set(passed, { ...begun, end });
  }

  return {
    note(passed) {
      if (!/^\/(auth|api)(\/|$)/.test(passed.path)) return;
      if (passed.end) finish(passed);
      else begin(passed);
    },
    counts,
    get requests() {
      return [...seen.values()].reverse();
    },
  };
}

/** Ids of sessions and accounts are nobody's business, even though nobody can sign in with them. */
const withoutIds = (path: string): string =>
  path.replace(/^(\/auth\/sessions\/).+/, '$1…').replace(/-[0-9a-f]{10}(?=[/.])/, '-…');

function dropOldest(from: Map<unknown, unknown>, most: number): void {
  for (const oldest of from.keys()) {
    if (from.size <= most) return;
    from.delete(oldest);
  }
}
