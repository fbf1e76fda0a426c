const key = 'larkfield.remember';

/**
 * Tells whether the person wished to stay signed in on this device, so that typing the password again before a transfer
 * changes nothing of that. Without storage: no, which is the more careful answer.
 */
export function wasRemembered(): boolean {
  try {
    return localStorage.getItem(key) === 'true';
  } catch {
    return false;
  }
}

/** Keeps the person's wish. A browser without storage forgets it. */
export function keepRemembered(remember: boolean): void {
  try {
    localStorage.setItem(key, String(remember));
  } catch {
    // Nothing else depends on it.
  }
}
