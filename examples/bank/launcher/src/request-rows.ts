import { byId, make } from './dom.js';
import type { SeenRequest } from './launcher-types.js';
import { isRetry, sayDuration, sayOutcome } from './words.js';

const times = new Intl.DateTimeFormat('en-IE', { timeStyle: 'medium' });
let drawn = '';

/** Draws the requests, unless they are drawn already: who reads or copies must not be disturbed each second. */
export function drawRequests(requests: readonly SeenRequest[]): void {
  const now = JSON.stringify(requests);
  if (now === drawn) return;
  drawn = now;
  byId('rows').replaceChildren(...requests.map(rowOf));
  byId('no-rows').hidden = requests.length > 0;
}

function rowOf(request: SeenRequest): HTMLElement {
  const { text, note, tone } = sayOutcome(request);
  const path = breakable(request.path);
  const row = make(
    'tr',
    isRetry(request.key) ? `${tone} again` : tone,
    make('td', 'figure quiet', times.format(request.at)),
    make(
      'td',
      'what',
      make('span', 'method', request.method),
      ' ',
      ...path,
      ...(note ? [make('span', 'note', note)] : []),
    ),
    make('td', 'verdict', text),
    make('td', 'number figure quiet took', request.end ? sayDuration(request.end.milliseconds) : ''),
  );
  row.dataset['testid'] = 'request';
  return row;
}

/** A long path breaks after a slash, if it must. */
const breakable = (path: string): (string | Node)[] => path.split(/(?<=\/)/).flatMap((part) => [part, make('wbr', '')]);
