/** Remembers recent values by key. */
export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * Makes a memory of at most `limit` values, and at least the last half as many. In two halves, of which the older goes
 * as a whole: taking single entries out of a Map leaves holes that the next search for the oldest walks over.
 */
export function rememberRecent<Value>(limit: number): Recent<Value> {
  let newer = new Map<string, Value>();
  let older = newer;
  return {
    get: (key) => newer.get(key) ?? older.get(key),
    set(key, value) {
      if (newer.size >= limit / 2) {
        older = newer;
        newer = new Map();
      }
      newer.set(key, value);
    },
  };
}
