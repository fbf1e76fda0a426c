/** Fewest characters of a password. @see NIST SP 800-63B-4 §3.1.1 */
export const fewestCharacters = 8;

/** Most bytes of a password as UTF-8; more is refused before any hashing. Our choice: no passphrase comes near. */
export const mostBytes = 1024;

/** Why a password is refused, or the form that is hashed. */
export type PasswordVerdict =
  | { readonly kind: 'ok'; readonly password: string }
  | { readonly kind: 'malformed' | 'too_long' | 'too_short' | 'too_common' | 'like_username' };

/**
 * Brings a password into the form that is hashed: NFC, whole, every character significant (NUL too). A lone surrogate
 * is `malformed`: as UTF-8 two different ones would be one password.
 */
export function readPassword(typed: string): PasswordVerdict {
  // UTF-16 units are never more than the bytes, so this bounds the work of what follows.
  if (typed.length > mostBytes) return { kind: 'too_long' };
  const password = typed.normalize('NFC');
  const bytes = countUtf8Bytes(password);
  if (bytes === undefined) return { kind: 'malformed' };
  return bytes > mostBytes ? { kind: 'too_long' } : { kind: 'ok', password };
}

/** Judges a new password: length, the list of common ones, likeness to the user name. No rules of composition. */
export function judgeNewPassword(
  typed: string,
  username: string,
  isCommon: (lowerCase: string) => boolean,
): PasswordVerdict {
  const verdict = readPassword(typed);
  if (verdict.kind !== 'ok') return verdict;
  const { password } = verdict;
  const characters = Array.from(password);
  if (characters.length < fewestCharacters) return { kind: 'too_short' };
  const lower = password.toLowerCase();
  if (lower === username || lower === username.split('@')[0]) return { kind: 'like_username' };
  if (new Set(characters).size < 3 || isCommon(lower) || isCommon(lower.replace(/[\d\W_]+$/, ''))) {
    return { kind: 'too_common' };
  }
  return verdict;
}

function countUtf8Bytes(text: string): number | undefined {
  try {
    return encodeURIComponent(text).replace(/%../g, '.').length;
  } catch {
    return undefined;
  }
}
