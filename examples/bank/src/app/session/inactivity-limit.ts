import { withInactivity } from '@latchkey/angular';

/** How long before the sign-out the warning comes, in seconds. */
const warning = 120;

/**
 * Signs out whoever does nothing for as long as the page says, in seconds, in `<meta name="bank-inactivity">`: the
 * server writes it, because the token server has the same limit. Where nothing stands there, there is none.
 */
export function inactivityLimit(): readonly ReturnType<typeof withInactivity>[] {
  const signOutAfter = Number(document.querySelector('meta[name=bank-inactivity]')?.getAttribute('content'));
  return signOutAfter > warning ? [withInactivity({ warnAfter: signOutAfter - warning, signOutAfter })] : [];
}
