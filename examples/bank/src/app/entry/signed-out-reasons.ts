import type { SignedOutReason } from '@latchkey/client';

/** Why one is on the sign-in page, for people. */
export const signedOutReasons: Readonly<Record<SignedOutReason, string>> = {
  user: 'You are signed out. See you soon!',
  elsewhere: 'You signed out in another tab, so this one is signed out, too.',
  refused:
    'Your session has ended: from another device of yours, by a new password, by us, or because nothing happened for a while. Please sign in again.',
  expired: 'You were signed in for as long as we allow. Please sign in again.',
  inactive: 'Nothing happened for a while, so we signed you out to keep your account safe.',
  key_lost: 'Your browser lost the key of this session. Please sign in again.',
};
