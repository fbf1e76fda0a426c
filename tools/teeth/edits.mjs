import { ofAngular } from './edits-of-angular.mjs';
import { ofApps } from './edits-of-apps.mjs';
import { ofBrowserCases } from './edits-of-browser-cases.mjs';
import { ofBrowserStorage } from './edits-of-browser-storage.mjs';
import { ofSessions } from './edits-of-sessions.mjs';
import { ofSimulatedCases } from './edits-of-simulated-cases.mjs';
import { ofSimulatedTime } from './edits-of-simulated-time.mjs';

/**
 * What is taken away, and which test must then fail: `{ row, without, file, find, replace, test: { file, title } }`.
 * `title` is the beginning or a part of the test's title, as vitest's `-t` takes it (a regular expression).
 */
export const edits = [
  ...ofSessions,
  ...ofApps,
  ...ofAngular,
  ...ofSimulatedCases,
  ...ofSimulatedTime,
  ...ofBrowserCases,
  ...ofBrowserStorage,
];
