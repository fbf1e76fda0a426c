import { relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { inRoot } from '../../tools/bootstrap/root.mjs';
import { bundle } from './bundles.mjs';
import { contenders } from './contenders.mjs';

/** What the modules of the client are for; the first that fits. */
const groups = {
  'the machine: rotation, tabs, clocks, failures': /^client\/core\/(?!request-rules|profile-limits|timeline)/,
  'what runs it, and the public face': /^client\/(index|create-session|session-runner|session-actions|token-position)/,
  'keeping and locking: IndexedDB, web storage, keys, Web Locks':
    /^client\/browser\/(indexed|database|web-|key-|broadcast)/,
  'request rules and session.fetch': /^client\/(fetch|request-gate|core\/request-rules|browser\/parse-url)|secret-par/,
  'speaking to the server': /^client\/(backends|browser\/fetch-transport)|^protocol\/(token-response|refresh-token)/,
  'reading tokens, JSON and challenges strictly': /^protocol\/(access|strict|base64|challenge)/,
  'adopting the keys of an earlier app (legacyKeys)': /^client\/(browser\/legacy|adoption)/,
  'limits of the profile (updateUser)': /^client\/core\/profile-limits/,
  'errors of their own classes': /^protocol\/errors/,
  'activity of the person': /^client\/browser\/activity/,
  'blob: URLs for pictures (objectUrl)': /^client\/object-url/,
  'sessions that end with the last tab (remember: false)': /^client\/browser\/presence/,
  'the timeline': /^client\/core\/timeline/,
  'clock, randomness, life of the page': /./,
};

/**
 * Where the client's bytes are: for each group of modules how much smaller the compressed bundle would be without their
 * text. What they share with others compresses well, so the parts come to less than the whole.
 */
export async function bytes() {
  const { entry } = contenders.find(({ name }) => name === 'Latchkey');
  const parts = splitAtMarks(await bundle(entry, { plugin: marks }));
  const size = (some) => brotliCompressSync(some.map(({ text }) => text).join('')).length;
  const groupOf = ({ id }) => Object.keys(groups).find((group) => groups[group].test(id));
  const measured = Object.keys(groups).map((group) => {
    const own = parts.filter((part) => groupOf(part) === group);
    const minified = own.reduce((sum, { text }) => sum + text.length, 0);
    return { group, minified, brotli: size(parts) - size(parts.filter((part) => !own.includes(part))) };
  });
  return { whole: size(parts), groups: measured.sort((a, b) => b.brotli - a.brotli) };
}

/** A call that no minifier may drop, where each module begins. */
const marks = {
  name: 'marks',
  transform: (code, id) =>
    `moduleBegins(${JSON.stringify(relative(inRoot('packages'), id).replace('/dist/', '/'))});\n${code}`,
};

function splitAtMarks(code) {
  const found = [...code.matchAll(/moduleBegins\(["'`]([^"'`]+)["'`]\)[;,]?/g)];
  return found.map((match, at) => ({
    id: match[1],
    text: code.slice(match.index + match[0].length, found[at + 1]?.index),
  }));
}
