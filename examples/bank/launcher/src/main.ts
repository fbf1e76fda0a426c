import { byId, write } from './dom.js';
import { fetchState, Refused, send } from './launcher-client.js';
import type { Command, LauncherState, Network, ServerMood } from './launcher-types.js';
import { drawRequests } from './request-rows.js';
import { nameNetwork, nameServer, sayArmed, sayDone, sayOffset } from './words.js';

/** Milliseconds between two looks at how things stand. */
const every = 1000;

const serverTimes = new Intl.DateTimeFormat('en-IE', { dateStyle: 'medium', timeStyle: 'medium' });

function draw(state: LauncherState): void {
  document.documentElement.dataset['preset'] = state.bank.preset;
  byId('open-bank').setAttribute('href', state.bank.url);
  for (const name of document.querySelectorAll('.username')) name.textContent = state.bank.username;
  choose('network', state.network);
  choose('server', state.server);
  drawGlance(state);
  write('server-time', serverTimes.format(state.clock.now));
  write('server-offset', sayOffset(state.clock.aheadBy));
  write('armed-text', sayArmed(state));
  byId('armed').hidden = sayArmed(state) === '';
  drawRequests(state.requests);
}

function drawGlance(state: LauncherState): void {
  write('glance-network', nameNetwork(state));
  write('glance-server', nameServer(state));
  write('glance-clock', sayOffset(state.clock.aheadBy));
  byId('glance-network').classList.toggle('off', state.network !== 'fine');
  byId('glance-server').classList.toggle('off', state.server !== 'fine');
  for (const id of ['glance-clock', 'server-offset']) byId(id).classList.toggle('off', state.clock.aheadBy !== 0);
  for (const name of ['refreshes', 'lost', 'retries'] as const) write(`count-${name}`, String(state.counts[name]));
}

function choose(name: 'network' | 'server', value: string): void {
  for (const radio of document.querySelectorAll<HTMLInputElement>(`input[name=${name}]`)) {
    radio.checked = radio.value === value;
  }
}

/** How many commands are on their way: what is looked up meanwhile may be older than what they answer. */
let underWay = 0;

async function obey(command: Command): Promise<void> {
  underWay++;
  try {
    const state = await send(command);
    draw(state);
    say(sayDone(command, state));
  } catch (error) {
    say(error instanceof Refused ? error.message : 'That did not reach the launcher.');
  } finally {
    underWay--;
  }
}

let silence: ReturnType<typeof setTimeout> | undefined;

/** Says something for long enough to be read. */
function say(text: string): void {
  clearTimeout(silence);
  write('said', text);
  silence = setTimeout(() => write('said', ''), 8000);
}

async function look(): Promise<void> {
  if (document.hidden || underWay > 0) return;
  const reachable = await fetchState().then(
    (state) => {
      if (underWay === 0) draw(state);
      return true;
    },
    () => false,
  );
  byId('unreachable').hidden = reachable;
}

async function keepLooking(): Promise<void> {
  await look();
  setTimeout(() => void keepLooking(), every);
}

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-command]')) {
  button.addEventListener('click', () => void obey(JSON.parse(button.dataset['command'] ?? '') as Command));
}
document.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.checked) return;
  if (target.name === 'network') void obey({ kind: 'network', to: target.value as Network });
  if (target.name === 'server') void obey({ kind: 'server', to: target.value as ServerMood });
});
byId('disarm').addEventListener('click', () => {
  void obey({ kind: 'lose-refreshes', times: 0 }).then(() => obey({ kind: 'cut-answers', times: 0 }));
});
document.addEventListener('visibilitychange', () => void look());
await keepLooking();
