import { ProtocolError } from '@latchkey/protocol';

/** The profile's limit, 8 KiB of JSON: it lives in localStorage, which holds 5 MB for the whole origin. */
export const profileLimit = 8192;

/**
 * Checks what is to become part of a profile: plain JSON, small, no files.
 * @throws ProtocolError ERR_PROFILE_NOT_JSON for a File, Blob, data URL, function or cycle; ERR_PROFILE_TOO_LARGE over
 * 8 KiB
 */
export function checkProfile(patch: unknown): void {
  const length = jsonOf(patch).length;
  if (length > profileLimit) {
    throw new ProtocolError(
      'ERR_PROFILE_TOO_LARGE',
      `The profile may be ${profileLimit} bytes of JSON, this is ${length}. Keep larger things in your API.`,
    );
  }
}

function jsonOf(patch: unknown): string {
  try {
    // As long as its UTF-8: what is not ASCII counts with its escapes.
    return encodeURIComponent(JSON.stringify(patch, refuseFiles)).replace(/%../g, '_');
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
    throw notJson('something that is no JSON', cause);
  }
}

function refuseFiles(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'string' && /^data:[^,]*,/i.test(value)) throw notJson(`a data URL at "${key}"`);
  if (typeof value === 'function') throw notJson(`a function at "${key}"`);
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isPlain(value)) {
    throw notJson(`a file or another special object at "${key}"`);
  }
  return value;
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const notJson = (what: string, cause?: unknown): ProtocolError =>
  new ProtocolError(
    'ERR_PROFILE_NOT_JSON',
    `The profile holds ${what}. Upload files to your API and keep their address here; session.objectUrl(url) shows them.`,
    { cause },
  );
