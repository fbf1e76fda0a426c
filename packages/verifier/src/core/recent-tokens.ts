/** Remembers the last so many values by key; the oldest goes first. */
export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** Makes a memory of at most `limit` values. */
export function rememberRecent<Value>(limit: number): Recent<Value> {
  const values = new Map<string, Value>();
  return {
    get: (key) => values.get(key),
    set(key, value) {
      const oldest = values.size >= limit ? values.keys().next() : undefined;
      if (oldest && !oldest.done) values.delete(oldest.value);
      values.set(key, value);
    },
  };
}
