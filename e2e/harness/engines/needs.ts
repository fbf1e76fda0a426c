import { inject, TestRunner } from 'vitest';
import type { EngineName } from './engine.js';

/** What not every engine can do. */
export type Ability =
  | 'profile that outlives the browser'
  | 'offline'
  | 'crash of a tab'
  | 'request streams'
  | 'requests repeated'
  | 'Playwright';

/** Why not, as it stands in the table of docs/edge-cases.md. */
const lacks: Record<EngineName, Partial<Record<Ability, string>>> = {
  chromium: {},
  firefox: { 'request streams': 'Firefox sends no stream as the body of a request' },
  webkit: {
    'profile that outlives the browser':
      'WebKitGTK keeps nothing of an automated session: there is no coming back to it',
    'crash of a tab': 'WebKitGTK has no address that ends the process of a tab',
    'request streams': 'WebKit sends no stream as the body of a request',
    'requests repeated': 'WebKitGTK opens a connection of its own for every POST, and so repeats none',
    offline: 'WebKitGTK takes navigator.onLine from the machine’s network alone',
    Playwright: 'the test needs Playwright, which does not drive WebKitGTK',
  },
};

declare module 'vitest' {
  interface TaskMeta {
    /** Why this test did not run, for reports. */
    notRun?: string;
  }
}

/** Skips the test that runs now, with the reason, where the engine cannot do something that it needs. */
export function needs(...abilities: readonly Ability[]): void {
  const { engine } = inject('driven');
  const reason = abilities.map((ability) => lacks[engine][ability]).find((one) => one !== undefined);
  if (reason === undefined) return;
  const running = TestRunner.getCurrentTest();
  if (!running) throw new Error(`Not to be had in ${engine}: ${reason}. Ask for it in a test, which is then skipped.`);
  running.meta.notRun = reason;
  running.context.skip(reason);
}
