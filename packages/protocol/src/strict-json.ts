/** How deep arrays and objects may nest; our choice because no message of ours nests deeper than 8. */
const maxDepth = 64;

/** One token of JSON text, sticky so that nothing between two tokens is passed over. */
const lexeme = /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\.)*")|([-+.\w]+))/y;

/** A frame of the walk: the keys seen so far in an object, or `undefined` for an array. */
type Frame = Set<string> | undefined;

/**
 * Parses JSON text whose top is an object; `undefined` if it is not JSON, not an object, nests deeper than 64, names a
 * member twice in one object (`JSON.parse` would keep the last, another reader the first), or has a member
 * `__proto__`. @see RFC 8259 §4, RFC 7519 §4
 */
export function parseStrictObject(text: string): Record<string, unknown> | undefined {
  if (!hasSoundShape(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Tells an object from everything else that JSON can be. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Walks the tokens for what `JSON.parse` lets through; whether the text is JSON at all is left to that. */
function hasSoundShape(text: string): boolean {
  const frames: Frame[] = [];
  let keyNext = false;
  lexeme.lastIndex = 0;
  for (let match = lexeme.exec(text); match; match = lexeme.exec(text)) {
    const [, mark, string] = match;
    if (mark === '{' || mark === '[') {
      if (frames.push(mark === '{' ? new Set() : undefined) > maxDepth) return false;
    } else if (mark === '}' || mark === ']') frames.pop();
    else if (string !== undefined && keyNext && !addKey(frames[frames.length - 1], string)) return false;
    keyNext = mark === '{' || (mark === ',' && frames[frames.length - 1] !== undefined);
  }
  return true;
}

function addKey(keys: Frame, quoted: string): boolean {
  const key = unquote(quoted);
  if (!keys || key === undefined || key === '__proto__' || keys.has(key)) return false;
  keys.add(key);
  return true;
}

/** Two spellings (`a`, `\u0061`) are one key. */
function unquote(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
