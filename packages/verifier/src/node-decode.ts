import { parseStrictObject } from '@latchkey/protocol';

/** Strict: invalid UTF-8 throws, a byte order mark stays and is then no JSON. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes base64url as strictly as the protocol's `decodeBase64Url` does, by Node's own decoder, because each request
 * pays for it: Node takes several spellings, but writes one, so what it reads must read the same when written again.
 */
export function decodeBytes(part: string): Uint8Array | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

/** Reads the header or the claims of a token: an object, or `undefined` for whatever the protocol calls malformed. */
export function decodeObject(part: string): Record<string, unknown> | undefined {
  const bytes = decodeBytes(part);
  try {
    return bytes && parseStrictObject(utf8.decode(bytes), 'ignore-proto');
  } catch {
    return undefined;
  }
}
