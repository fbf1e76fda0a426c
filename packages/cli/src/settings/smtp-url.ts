/** A mail server, as `smtpUrl` names it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else by STARTTLS. */
  readonly secure: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
}

/** The registered ports for handing mail in. @see RFC 6409 §3.1, RFC 8314 §3.3 */
const defaultPorts = { 'smtp:': 587, 'smtps:': 465 } as const;

/** Reads `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://…`; `undefined` if it is none, or says more than that. */
export function readSmtpUrl(text: string): SmtpServer | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = url;
  if (!/^(\/?)$/.test(pathname) || search !== '' || hash !== '' || hostname === '') return undefined;
  if ((username === '') !== (password === '')) return undefined;
  const [user, pass] = [decode(username), decode(password)];
  if (user === undefined || pass === undefined) return undefined;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? defaultPorts[protocol] : Number(port),
    secure: protocol === 'smtps:',
    auth: user === '' ? undefined : { user, pass },
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
