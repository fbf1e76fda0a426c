import { fileURLToPath } from 'node:url';

const built = (path: string): string => fileURLToPath(new URL(`../../.cache/e2e/${path}`, import.meta.url));

/** Where global set-up leaves the script of the test page. */
export const pageScript = built('page.js');

/** Where it leaves the demo's page, with its static files. */
export const demoPageFolder = built('demo/');
