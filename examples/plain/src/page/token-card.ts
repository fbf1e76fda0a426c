import { onPress } from './busy.js';
import { button, element, write } from './dom.js';
import type { DemoSession, DemoSnapshot, Show } from './part.js';

/** The access token's remaining life, and what can be done with the session. */
export function tokenCard(session: DemoSession): Show {
  onPress(button('refresh'), async () => {
    await session.refresh();
  });
  onPress(button('sign-out-everywhere'), () => session.signOut({ everywhere: true }));
  return (snapshot) => {
    const left = secondsLeft(snapshot);
    const lifetime = lifetimeOf(snapshot);
    const bar = element('token-progress', HTMLProgressElement);
    write(element('countdown', HTMLSpanElement), left > 0 ? clockText(left) : 'Expired');
    write(element('countdown-unit', HTMLSpanElement), left > 0 ? 'left' : '');
    bar.max = lifetime || 1;
    bar.value = Math.min(left, bar.max);
    write(element('token-hint', HTMLParagraphElement), hint(left, lifetime));
  };
}

const secondsLeft = ({ expiresAt }: DemoSnapshot): number =>
  expiresAt === undefined ? 0 : Math.max(0, Math.ceil((expiresAt - Date.now()) / 1000));

function lifetimeOf({ claims }: DemoSnapshot): number {
  const { exp, iat } = claims ?? {};
  return exp === undefined || iat === undefined ? 0 : exp - iat;
}

function hint(left: number, lifetime: number): string {
  if (left <= 0) return 'You are still signed in: it is renewed as soon as the server answers.';
  const margin = Math.min(300, lifetime / 5);
  const until = left - margin;
  return until > 0 ? `Renewed by itself in ${clockText(Math.ceil(until))}, once for all tabs.` : 'Being renewed now.';
}

/** 75 → 1:15; 4000 → 1:06:40. */
function clockText(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const start = minutes < 60 ? String(minutes) : `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
  return `${start}:${two(seconds % 60)}`;
}
