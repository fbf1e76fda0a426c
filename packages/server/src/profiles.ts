import { isObject } from '@latchkey/protocol';
import { OAuthError } from './http/answers.js';

/** Largest profile: bytes of its JSON as UTF-8. It travels with every refresh and lies in localStorage. */
const longestProfile = 8 * 1024;

/** The JSON text of a profile that may be stored. @throws OAuthError 413 profile_too_large */
export function requireSmallProfile(profile: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(profile);
  if (Buffer.byteLength(text) <= longestProfile) return text;
  const description = `A profile may have ${longestProfile} bytes of JSON. Keep pictures and files behind the API.`;
  throw new OAuthError(413, 'profile_too_large', { description });
}

/** Applies a merge patch: objects merge, `null` removes, anything else replaces. @see RFC 7396 §2 */
export function mergePatch(target: unknown, patch: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? mergePatch(merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}
