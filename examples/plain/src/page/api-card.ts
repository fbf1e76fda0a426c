import { onPress } from './busy.js';
import { button, element, make } from './dom.js';
import type { DemoSession } from './part.js';

interface TimeAnswer {
  readonly time: string;
  readonly user: string;
  readonly token_expires_at: number;
}

/** Calls the API by `session.fetch` and shows what it said. */
export function apiCard(session: DemoSession): void {
  const answer = element('api-answer', HTMLDListElement);
  onPress(button('call-api'), async () => {
    const started = performance.now();
    const response = await session.fetch('/api/time');
    if (!response.ok) throw new Error(`The API answered ${response.status}.`);
    const { time, user, token_expires_at } = (await response.json()) as TimeAnswer;
    show(answer, {
      'Server time': new Date(time).toLocaleTimeString(),
      'It knows you as': user,
      'Token good until': new Date(token_expires_at * 1000).toLocaleTimeString(),
      Took: `${Math.max(1, Math.round(performance.now() - started))} ms`,
    });
  });
}

function show(list: HTMLDListElement, facts: Readonly<Record<string, string>>): void {
  list.replaceChildren(...Object.entries(facts).flatMap(([name, value]) => [make('dt', name), make('dd', value)]));
}
