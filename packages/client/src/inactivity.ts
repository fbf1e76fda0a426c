import { ConfigError, milliseconds } from '@latchkey/protocol';
import { lentBy } from './lending.js';
import type { Stop } from './ports.js';
import type { Session } from './session.js';

/** A warning that is being shown. */
export interface InactivityWarning {
  /** Whole seconds until the sign-out, the same in every tab; each second brings a new warning with one less. */
  readonly secondsLeft: number;
  /** Ends the warning in every tab, as a key does; for a button, which a screen reader presses without key or pointer. */
  stay(): void;
}

/** When a person who does nothing is warned and signed out. */
export interface InactivityOptions {
  /** Seconds without a key, pointer, wheel or touch in any tab before the warning. */
  readonly warnAfter: number;
  /** Seconds until the sign-out, counted from the same moment: more than `warnAfter`. */
  readonly signOutAfter: number;
  /** Called when the warning appears, each second while it stands, and with `undefined` when it is over. */
  readonly onWarning?: (warning: InactivityWarning | undefined) => void;
}

/** While a warning stands, in milliseconds: its countdown, and how soon it sees that another tab is busy. */
const whileWarned = 1000;

/**
 * Signs out, in every tab and with the reason `inactive`, whoever does nothing for so long. The last act in any tab
 * counts, also for a computer that slept and for a browser that was closed meanwhile. Call it after `session.start()`.
 * This is for the screen that somebody left open: a server that must be sure sets an idle limit of its own, to which
 * the client reports the same acts.
 * @throws ConfigError ERR_CONFIG when the times are not numbers with 0 < warnAfter < signOutAfter
 * @see OWASP ASVS 5.0, 7.3.1
 */
export function watchInactivity(session: Session, options: InactivityOptions): Stop {
  const { warnAfter, signOutAfter } = options;
  if (!(warnAfter > 0 && warnAfter < signOutAfter && signOutAfter < Infinity)) {
    throw new ConfigError('Inactivity takes seconds with 0 < warnAfter < signOutAfter, such as 840 and 900.');
  }
  const { activity, clock, endInactive } = lentBy(session, 'watchInactivity()');
  if (!activity) return () => undefined;
  let tooLate = activity.idleBeforeOpening() >= signOutAfter;
  let left: number | undefined;
  let timer: Stop = () => undefined;
  const show = (seconds: number | undefined): void => {
    if (seconds === left) return;
    left = seconds;
    options.onWarning?.(seconds === undefined ? undefined : { secondsLeft: seconds, stay: () => activity.act() });
  };
  const look = (idle: number): void => {
    timer();
    const { status } = session.snapshot();
    // Who signs in now has not been idle, whenever the page was last used.
    if (status === 'signed-out') tooLate = false;
    const over = tooLate || idle >= signOutAfter;
    const warned = status === 'signed-in' && !over && idle >= warnAfter;
    show(warned ? signOutAfter - idle : undefined);
    if (status !== 'signed-in') return;
    if (over) void endInactive().catch(() => undefined);
    // Where the sign-out failed, once more; where it did not, it ends this.
    const wait = warned || over ? whileWarned : (warnAfter - idle) * 1000;
    timer = clock.wake(milliseconds(wait), again);
  };
  let before: string | undefined;
  const again = (): void => {
    const { status } = session.snapshot();
    const begins = before === 'signed-out' && status === 'signed-in';
    before = status;
    look(begins ? 0 : activity.idleSeconds());
  };
  const stops = [
    session.subscribe(again),
    activity.subscribe((idle) => {
      // A computer that wakes up may hear the key before its timers: what was too long stays too long.
      if (idle >= signOutAfter) look(idle);
      else if (left !== undefined) look(0);
    }),
  ];
  again();
  return () => {
    for (const stop of [timer, ...stops]) stop();
    show(undefined);
  };
}
