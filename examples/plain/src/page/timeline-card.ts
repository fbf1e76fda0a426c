import { element, make } from './dom.js';
import type { DemoSession } from './part.js';

const shownAtMost = 50;

/** The session's own account of what happened; gives what shows it anew. */
export function timelineCard(session: DemoSession): () => void {
  const list = element('timeline', HTMLOListElement);
  const showNow = (): void => {
    const newest = session.explain().slice(-shownAtMost).reverse();
    list.replaceChildren(
      ...(newest.length ? [] : [make('li', 'Nothing yet: refreshes and what they met will show here.')]),
      ...newest.map(({ at, type, reason }) => {
        const line = make('li');
        const time = make('time', new Date(at).toLocaleTimeString());
        time.dateTime = new Date(at).toISOString();
        line.append(time, make('span', reason ? `${plain(type)} (${plain(reason)})` : plain(type)));
        return line;
      }),
    );
  };
  showNow();
  return showNow;
}

/** Words for people; codes such as ERR_NETWORK stay as the documentation spells them. */
const plain = (text: string): string => (text.startsWith('ERR_') ? text : text.replaceAll('_', ' '));
