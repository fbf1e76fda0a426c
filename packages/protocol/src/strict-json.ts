/** How deep arrays and objects may nest; our choice because no message of ours nests deeper than 8. */
const maxDepth = 64;

/**
 * Parses JSON text whose top is an object; `undefined` if it is not JSON, not an object, nests deeper than 64, names a
 * member twice in one object (`JSON.parse` would keep the last, another reader the first), or has a member
 * `__proto__`. With `'ignore-proto'` such a member is left out instead, however deep: a token may carry claims that
 * are not ours to judge. Never throws, also not for text too long for the engine. @see RFC 8259 §4, RFC 7519 §4
 */
export function parseStrictObject(text: string, proto?: 'ignore-proto'): Record<string, unknown> | undefined {
  try {
    let value: unknown = JSON.parse(text);
    const found = { members: 0, proto: false };
    count(value, found, 1);
    // Fewer members than there are written means that one stood twice.
    if (found.members !== countWritten(text)) return undefined;
    if (found.proto) value = proto && JSON.parse(text, withoutProto);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Counts the members as written in a text that is JSON: outside strings, each has one colon. */
function countWritten(text: string): number {
  let colons = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) inString = !inString;
    else if (code === 0x5c) at++;
    else if (code === 0x3a && !inString) colons++;
  }
  return colons;
}

/** Counts the members of all objects in a value. Throws RangeError if it nests too deep. */
function count(value: unknown, found: { members: number; proto: boolean }, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw new RangeError();
  if (!Array.isArray(value)) {
    const keys = Object.keys(value);
    found.members += keys.length;
    found.proto ||= keys.includes('__proto__');
  }
  for (const child of Object.values(value)) count(child, found, depth + 1);
}

/** A reviver; what it gives `undefined` for is left out. */
const withoutProto = (key: string, value: unknown): unknown => (key === '__proto__' ? undefined : value);

/** Tells an object from everything else that JSON can be. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
