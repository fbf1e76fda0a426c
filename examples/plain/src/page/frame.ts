import { onPress } from './busy.js';
import { button, element, write } from './dom.js';
import type { DemoSession, DemoSnapshot, Show } from './part.js';

/** The bar at the top, the banner, and which of the two views is seen. */
export function frame(session: DemoSession): Show {
  const status = element('status', HTMLSpanElement);
  const leave = button('sign-out');
  onPress(leave, () => session.signOut());
  return (snapshot) => {
    const { status: state, online, user } = snapshot;
    const signedIn = state === 'signed-in';
    write(status, describe(snapshot));
    status.dataset['state'] = signedIn && !online ? 'offline' : state;
    leave.hidden = !signedIn;
    element('offline-banner', HTMLParagraphElement).hidden = online || !signedIn;
    element('home', HTMLElement).hidden = !signedIn;
    element('welcome', HTMLElement).hidden = state !== 'signed-out';
    if (user) write(element('greeting', HTMLHeadingElement), `Hello, ${user.profile.displayName ?? user.username}`);
  };
}

function describe({ status, online }: DemoSnapshot): string {
  if (status === 'restoring') return 'Looking for your session…';
  if (status === 'signed-out') return 'Signed out';
  return online ? 'Signed in' : 'Signed in, offline';
}
