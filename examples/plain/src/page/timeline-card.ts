import { element, make } from './dom.js';
import type { DemoSession } from './part.js';

const shownAtMost = 50;

/** The session's own account of what happened; gives what shows it anew. */
export function timelineCard(session: DemoSession): () => void {
  const list = element('timeline', HTMLOListElement);
  return () => {
    const newest = session.explain().slice(-shownAtMost).reverse();
    list.replaceChildren(
      ...newest.map(({ at, type, reason }) => {
        const line = make('li');
        const time = make('time', new Date(at).toLocaleTimeString());
        time.dateTime = new Date(at).toISOString();
        const what = type.replaceAll('_', ' ');
        line.append(time, make('span', reason ? `${what} (${reason.replaceAll('_', ' ')})` : what));
        return line;
      }),
    );
  };
}
