import type { SessionEvent } from '@latchkey/client';

/** An entry of the timeline in words: what happened, and what it means. */
export interface EventWords {
  readonly title: string;
  readonly detail: string;
  readonly tone: 'good' | 'info' | 'bad';
}

const causes: Readonly<Record<string, string>> = {
  load: 'The page was opened, so we made sure that all is fresh.',
  margin: 'It was near its end. This happens by itself, once for all your tabs.',
  refused: 'The bank’s server would not take the old one.',
  explicit: 'The app asked for it.',
  clock: 'This device’s clock had jumped.',
};

const failures: Readonly<Record<string, string>> = {
  ERR_NETWORK: 'There was no network. You stay signed in; we try again.',
  ERR_TIMEOUT: 'The server took too long. You stay signed in; we try again.',
  ERR_SERVER: 'The server had a fault. You stay signed in; we try again.',
  ERR_THROTTLED: 'The server asked us to wait. You stay signed in; we try again later.',
  ERR_BAD_ANSWER: 'Something that is not the bank answered, such as a hotel’s sign-in page. We try again.',
  ERR_STORAGE: 'The browser could not keep the new token. We try again.',
};

const endings: Readonly<Record<string, string>> = {
  user: 'You pressed “Sign out”.',
  elsewhere: 'You signed out in another tab.',
  refused:
    'The server had ended the session: from another device, by a new password, or because nothing happened for a while.',
  expired: 'The session had reached its longest time.',
  inactive: 'Nothing had happened for a while.',
  key_lost: 'The browser had lost the key of the session.',
};

const describe: Readonly<Record<string, (reason: string) => EventWords>> = {
  signed_in: () => ({ title: 'Signed in', detail: 'A new session began.', tone: 'good' }),
  refreshed: (reason) => ({ title: 'Access token renewed', detail: causes[reason] ?? '', tone: 'good' }),
  adopted: () => ({ title: 'Took over a new token', detail: 'Another tab had renewed it already.', tone: 'good' }),
  refresh_failed: (reason) => ({ title: 'Could not renew yet', detail: failures[reason] ?? reason, tone: 'bad' }),
  superseded: () => ({ title: 'Caught up', detail: 'The token had been replaced meanwhile.', tone: 'info' }),
  refused_kept: () => ({ title: 'Not renewed', detail: 'The token lives out its time.', tone: 'bad' }),
  signed_out: (reason) => ({ title: 'Signed out', detail: endings[reason] ?? reason, tone: 'info' }),
  replayed: () => ({
    title: 'Request repeated',
    detail: 'It went again with the new token; nothing was lost.',
    tone: 'info',
  }),
  request_refused: (reason) => ({
    title: 'Request held back',
    detail: `It was not safe to send (${reason}).`,
    tone: 'bad',
  }),
  request_warned: (reason) => ({
    title: 'Request looked unsafe',
    detail: `It was sent nevertheless (${reason}).`,
    tone: 'bad',
  }),
  storage_full: () => ({ title: 'Storage is full', detail: 'The session lives on in the open tabs.', tone: 'bad' }),
  indexeddb_unavailable: () => ({ title: 'No IndexedDB', detail: 'The session goes on without it.', tone: 'info' }),
  lock_not_held: () => ({ title: 'Went on without the lock', detail: 'Another tab was slow.', tone: 'info' }),
  user_not_loaded: () => ({ title: 'Profile not loaded', detail: 'It is asked for again.', tone: 'bad' }),
};

/** Says an entry in words; one that this version does not know, by its name. */
export const inWords = ({ type, reason }: SessionEvent): EventWords =>
  describe[type]?.(reason ?? '') ?? { title: type.replaceAll('_', ' '), detail: reason ?? '', tone: 'info' };
