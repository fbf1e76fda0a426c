/** Tells whether a host name (as `URL.hostname` spells it) can only be this machine. @see RFC 6761 §6.3 */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|[^.]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** Tells whether a socket's address is this machine. */
export function isLoopbackAddress(address: string): boolean {
  return /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(address);
}
