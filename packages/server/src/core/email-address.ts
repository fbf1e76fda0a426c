/** Longest address that SMTP carries. @see RFC 5321 §4.5.3.1.3, less its angle brackets */
const longest = 254;

const localPart = /^[^\s\p{C}"(),:;<>@[\\\]]{1,64}$/u;
const host = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;

/**
 * Tells whether a text is one e-mail address that mail can be sent to: no name beside it, no quotes, no list, no line
 * end, a host with a dot. Narrower than RFC 5322, our choice: whatever else that allows, no person has.
 */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  return at > 0 && text.length <= longest && localPart.test(text.slice(0, at)) && host.test(text.slice(at + 1));
}
