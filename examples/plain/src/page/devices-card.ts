import { onPress } from './busy.js';
import { element, make } from './dom.js';
import type { DemoSession, Show } from './part.js';

interface Device {
  readonly id: string;
  readonly current: boolean;
  readonly user_agent: string;
  readonly refreshed_at: number;
}

/** Where the account is signed in; each place can be signed out from here. */
export function devicesCard(session: DemoSession): Show {
  const list = element('devices', HTMLUListElement);
  const load = async (): Promise<void> => {
    const response = await session.fetch('/auth/sessions');
    if (!response.ok) return;
    const { sessions } = (await response.json()) as { sessions: Device[] };
    list.replaceChildren(...sessions.map((device) => line(device, () => end(session, device, load))));
  };
  let shown: string | undefined;
  return ({ claims, user }) => {
    const now = user && claims?.sid;
    if (now === shown) return;
    shown = now;
    list.replaceChildren(make('li', 'Waiting for the server…'));
    // Offline at first: look again at the next transition.
    if (now) load().catch(() => (shown = undefined));
  };
}

async function end(session: DemoSession, device: Device, reload: () => Promise<void>): Promise<void> {
  const response = await session.fetch(`/auth/sessions/${encodeURIComponent(device.id)}`, { method: 'DELETE' });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  await reload();
}

function line(device: Device, onEnd: () => Promise<void>): HTMLLIElement {
  const item = make('li');
  const text = make('div', browserName(device.user_agent));
  text.append(make('small', device.current ? 'This browser' : `Last seen ${lastSeen(device.refreshed_at)}`));
  item.append(text);
  if (!device.current) {
    const button = make('button', 'Sign out');
    button.type = 'button';
    button.className = 'quiet';
    onPress(button, onEnd);
    item.append(button);
  }
  return item;
}

const lastSeen = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Good enough to recognise one's own devices by. */
function browserName(agent: string): string {
  const browser = /(Edg|Firefox|Chrome|Safari)[/]/.exec(agent)?.[1]?.replace('Edg', 'Edge') ?? 'Unknown browser';
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1];
  return system ? `${browser} on ${system.replace('Mac OS X', 'macOS')}` : browser;
}
