/** Longest user name, in characters after normalising; e-mail addresses have at most 254. */
export const longestUsername = 254;

const invisible = /\p{Default_Ignorable_Code_Point}/gu;
/** Control and format characters, lone surrogates, private use, unassigned, line and paragraph separators. */
const forbidden = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Brings a user name into the one form that is stored and compared: NFKC, trimmed, case-folded, without zero-width and
 * other invisible characters. `undefined` if nothing is left, it is too long, or it has control characters. Applying
 * it twice changes nothing. @see Unicode UAX #31 §5, RFC 8265 §3.3
 */
export function canonicalUsername(typed: string): string | undefined {
  if (typed.length > 4 * longestUsername) return undefined;
  let name = foldOnce(typed);
  // Folding can make a sequence that normalises further, and the reverse; two rounds have always been enough.
  for (let round = 0; round < 4 && name !== foldOnce(name); round += 1) name = foldOnce(name);
  return name === '' || name.length > longestUsername || forbidden.test(name) ? undefined : name;
}

/**
 * An e-mail address is mail's own: another spelling may be another mailbox (`straße.de` and `strasse.de` are two hosts), so
 * of it only the case and what nobody sees is folded. @see RFC 5890 §2.3.2.1
 */
const foldAddress = (name: string): string =>
  name
    .replace(/[＠﹫]/g, '@')
    .normalize('NFC')
    .replace(invisible, '')
    .toLowerCase()
    .normalize('NFC')
    .trim();

/** Upper then lower case is full case folding but for a few letters: `ß` and `ss`, `ς` and `σ` become one. */
function foldOnce(name: string): string {
  if (/[@＠﹫]/.test(name)) return foldAddress(name);
  const folded = name.normalize('NFKC').replace(invisible, '').toUpperCase().toLowerCase();
  return folded.replaceAll('ς', 'σ').normalize('NFKC').trim();
}
