import { demoUser } from '../demo-user.js';
import { onPress, onSubmit } from './busy.js';
import { button, element, field, form, input, write } from './dom.js';
import type { DemoSession } from './part.js';

const reasons: Readonly<Record<string, string>> = {
  user: 'You are signed out.',
  elsewhere: 'You were signed out in another tab.',
  refused: 'Your session was ended. Sign in again.',
  expired: 'Your session has expired. Sign in again.',
  inactive: 'You were signed out because nothing happened for a while.',
};

/** The two forms that a person who is signed out sees; gives what tells why the last session ended. */
export function entrance(session: DemoSession): { say(reason: string): void } {
  const signIn = form('sign-in-form');
  const signUp = form('sign-up-form');
  const notice = element('sign-in-notice', HTMLParagraphElement);

  onSubmit(signIn, async () => {
    const credentials = { username: field(signIn, 'username'), password: field(signIn, 'password') };
    await session.signIn(credentials, { remember: input('remember').checked });
    arrive(signIn, notice);
  });
  onSubmit(signUp, async () => {
    const displayName = field(signUp, 'displayName').trim();
    await session.signUp({
      username: field(signUp, 'username'),
      password: field(signUp, 'password'),
      profile: displayName ? { displayName } : {},
    });
    arrive(signUp, notice);
  });

  const change = (to: HTMLFormElement): void => {
    signIn.hidden = to !== signIn;
    signUp.hidden = to !== signUp;
  };
  button('to-sign-up').addEventListener('click', () => {
    change(signUp);
    input('sign-up-username').focus();
  });
  button('to-sign-in').addEventListener('click', () => {
    change(signIn);
    input('sign-in-username').focus();
  });
  onPress(button('fill-in-demo'), () => {
    input('sign-in-username').value = demoUser.username;
    input('sign-in-password').value = demoUser.password;
    signIn.querySelector<HTMLButtonElement>('button[type=submit]')?.focus();
    return Promise.resolve();
  });

  return {
    say(reason) {
      change(signIn);
      write(notice, reasons[reason] ?? 'You are signed out.');
      notice.hidden = false;
    },
  };
}

/** Leaves no password in the page, and takes the keyboard along to what is new. */
function arrive(from: HTMLFormElement, notice: HTMLElement): void {
  from.reset();
  notice.hidden = true;
  element('greeting', HTMLHeadingElement).focus();
}
