import { ConfigError, type ErrorCodes, isSecretParameter, secretParameters } from '@latchkey/protocol';

/** What the rules need of a parsed URL; the platform's own `URL` has it. @see https://url.spec.whatwg.org/#api */
export interface ParsedUrl {
  readonly href: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

/** Parses as the platform's `URL` does, because that is what decides where a request goes; `undefined` for no URL. */
export type ParseUrl = (text: string, base?: string) => ParsedUrl | undefined;

/** Why a request is not sent; `message` says what to do and holds no secret. */
export interface Refusal {
  readonly kind: 'refused';
  readonly code: ErrorCodes['request-refused'];
  readonly message: string;
}

/** Send with the token or without, to exactly the URL that was judged. */
export interface Permission {
  readonly kind: 'attach' | 'plain';
  readonly url: string;
  /** What would have been refused, had the app not asked for a warning alone. */
  readonly warning?: Refusal;
}

/** Where tokens go, and what must not stand in a URL. */
export interface RequestRules {
  /** The APIs as parsed: origin and path, without a slash at the end; without `/api` where there is no page. */
  readonly apis: readonly string[];
  /** Judges a URL as it would be resolved now. `tokens` are those that no URL may hold. */
  decide(url: string, tokens: readonly string[]): Permission | Refusal;
  /** Reads the header `skip`: true for `true`, false for none. Anything else is refused in development, else false. */
  isSkip(value: string | null): boolean | Refusal;
}

/** What the rules are made of. */
export interface RequestRulesOptions {
  /** `https://host`, `https://host/path`, or `/path` of the page's origin; `http:` for loopback alone. */
  readonly apis: readonly string[];
  /** The page's base URL at the moment (`document.baseURI`: it moves with the router); `undefined` without a page. */
  readonly pageUrl: () => string | undefined;
  readonly parseUrl: ParseUrl;
  readonly secretsInUrl?: 'refuse' | 'warn' | undefined;
  readonly secretParameters?: readonly string[] | undefined;
}

interface Api {
  readonly origin: string;
  /** Empty, or whole segments with a slash before each. */
  readonly path: string;
}

/** Tokens shorter than this are guessable anyway, and would be found in innocent URLs. */
const shortestToken = 8;

/** `..` with an encoded or foreign separator: the URL parser leaves it, and many a server climbs up by it. */
const climbing = /(?:[/;\\]|%2f|%5c)(?:\.|%2e){2}(?:[/;\\]|%2f|%5c|$)/i;

/**
 * Makes the rules of one session. Origins and whole path segments are compared as the URL parser gives them.
 * @throws ConfigError ERR_CONFIG for an address that is none, or `http:` beyond loopback
 * @see client.md, "Requests"
 */
export function createRequestRules(options: RequestRulesOptions): RequestRules {
  const { pageUrl, parseUrl } = options;
  const apis = readApis(options);
  const names = (options.secretParameters ?? secretParameters).map((name) => name.toLowerCase().replace(/-/g, '_'));
  return {
    apis: apis.map(({ origin, path }) => origin + path),
    decide(url, tokens) {
      // With a scheme and slashes the base has no say: parsing it too would double the cost.
      const parsed = /^[a-z]+:\/\//i.test(url) ? parseUrl(url) : parseUrl(url, pageUrl());
      if (!parsed) return { kind: 'plain', url };
      const own = apis.some((api) => covers(api, parsed));
      const permission: Permission = { kind: own ? 'attach' : 'plain', url: parsed.href };
      const name = own ? secretName(parsed.search, names) : undefined;
      const refusal = name === undefined ? holdsToken(url, parsed.href, tokens) && tokenInUrl : nameInUrl(name);
      if (!refusal) return permission;
      return options.secretsInUrl === 'warn' ? { ...permission, warning: refusal } : refusal;
    },
    isSkip(value) {
      if (value === null || value === 'true') return value !== null;
      return isLoopback(parseUrl(pageUrl() ?? '')?.hostname ?? '') && badSkip;
    },
  };
}

function readApis({ apis, pageUrl, parseUrl }: RequestRulesOptions): Api[] {
  if (apis.length === 0) throw new ConfigError(`The option api is empty. ${apiForms}`);
  return apis.flatMap((text) => {
    const relative = /^\/(?![/\\])/.test(text);
    const page = relative ? pageUrl() : undefined;
    // Rendered on a server, `/api` has no origin: nothing is attached there.
    return relative && page === undefined ? [] : [readApi(parseUrl(text, page))];
  });
}

function readApi(url: ParsedUrl | undefined): Api {
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  // The text itself is not repeated: it may hold a password.
  if (!isWeb || url.username || url.password || url.search || url.hash || url.hostname.includes('*')) {
    throw new ConfigError(`The option api has an entry that is no API address. ${apiForms}`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) throw new ConfigError(insecureApi(url.origin));
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
}

/** A `blob:` URL has the origin of its page and user info does not show in an origin: both are asked for. */
function covers({ origin, path }: Api, url: ParsedUrl): boolean {
  if (url.origin !== origin || !url.protocol.startsWith('http') || url.username || url.password) return false;
  if (path === '') return true;
  return (url.pathname === path || url.pathname.startsWith(`${path}/`)) && !climbing.test(url.pathname);
}

/** Tells whether a host is this device: `localhost` and names under it, 127.0.0.0/8, [::1]. @see RFC 6761 §6.3 */
export const isLoopback = (hostname: string): boolean =>
  /(?:^|\.)localhost$|^127(?:\.\d+){3}$|^\[::1\]$/.test(hostname);

function secretName(search: string, names: readonly string[]): string | undefined {
  if (search === '') return undefined;
  for (const pair of search.slice(1).split('&')) {
    const name = decodeName(pair.replace(/=.*/s, ''));
    if (isSecretParameter(name, names)) return name;
  }
  return undefined;
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray `%` stays in the name that a server reads, too: it is none of the list.
    return text;
  }
}

/** Looks in the text as given (the parser lowers a host's case), as parsed (it drops line breaks), and decoded. */
function holdsToken(given: string, parsed: string, tokens: readonly string[]): boolean {
  const spellings = [given, parsed];
  // An address within an address is encoded twice; nobody means more than three.
  for (let text = parsed; text.includes('%') && spellings.length < 5; spellings.push(text)) {
    text = text.replace(/%([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
  return tokens.some((token) => token.length >= shortestToken && spellings.some((text) => text.includes(token)));
}

/**
 * Gives back where to go after sign-in: path, query and fragment if `text` is a path of the page's origin, else `/`.
 * What it gives resolves to that origin however often it is parsed.
 */
export function safeReturnTo(text: string | null | undefined, pageOrigin: string, parseUrl: ParseUrl): string {
  const url = text?.startsWith('/') ? parseUrl(text, pageOrigin) : undefined;
  // `/.//evil` is parsed to the path `//evil`, which alone would be another origin; a router may decode `/%2fevil`.
  if (url?.origin !== pageOrigin || /^\/(?:[/\\]|%2f|%5c)/i.test(url.pathname)) return '/';
  return url.pathname + url.search + url.hash;
}

const apiForms = 'Give "https://api.example.com", with a path or without, or "/api" for a path of this page.';
const inLogs = 'and URLs end up in logs and histories. Send it in the body or a header';

const insecureApi = (origin: string): string =>
  `The API ${origin} is http:, where anyone on the way can read tokens: use https:. ` +
  'In development http: works on localhost; for other devices put an https proxy with a mkcert certificate before it.';
const nameInUrl = (name: string): Refusal => ({
  kind: 'refused',
  code: 'ERR_SECRET_IN_URL',
  message: `Not sent: the URL has a parameter "${name}", ${inLogs}. If it is no secret, change secretParameters.`,
});
const tokenInUrl: Refusal = {
  kind: 'refused',
  code: 'ERR_SECRET_IN_URL',
  message: `Not sent: the URL holds a token of this session, ${inLogs}.`,
};
const badSkip: Refusal = {
  kind: 'refused',
  code: 'ERR_SKIP_VALUE',
  message: 'Not sent: the header "skip" is for sending without a token, and takes no value but "true".',
};
