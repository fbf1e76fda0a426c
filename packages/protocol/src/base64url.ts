const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Value of a character by its code, -1 where it has none: a look-up, because an API decodes at every request. */
const values = new Int8Array(128).fill(-1);
for (let value = 0; value < 64; value++) values[alphabet.charCodeAt(value)] = value;

/** Encodes bytes as base64url without padding. @see RFC 4648 §5, RFC 7515 §2 */
export function encodeBase64Url(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 6;) text += alphabet.charAt((held >> (bits -= 6)) & 63);
  }
  return bits ? text + alphabet.charAt((held << (6 - bits)) & 63) : text;
}

/**
 * Decodes base64url without padding to bytes. `undefined` for anything else: padding, white space, characters of plain
 * base64, an impossible length, or stray bits behind the last byte (one value has one spelling, or a deny-list by text
 * could be walked around).
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    const value = values[text.charCodeAt(index)] ?? -1;
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0x3fff;
    bits += 6;
    if (bits >= 8) bytes[at++] = (held >> (bits -= 8)) & 255;
  }
  return held & ((1 << bits) - 1) ? undefined : bytes;
}

/**
 * Reads bytes as UTF-8; `undefined` if they are not valid UTF-8 (over-long forms and surrogates included). By way of
 * `decodeURIComponent` because it is part of the language, strict, and in every engine: `TextDecoder` is not. Plain
 * ASCII, what nearly all tokens are, takes a way that costs a third.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let escaped = '';
  let ascii = true;
  for (const byte of bytes) {
    const plain = byte < 128 && byte !== 37;
    escaped += plain ? String.fromCharCode(byte) : '%' + byte.toString(16);
    ascii &&= plain;
  }
  try {
    return ascii ? escaped : decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}
