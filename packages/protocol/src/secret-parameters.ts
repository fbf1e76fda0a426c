/**
 * Query parameters that must never carry anything, because what stands in a URL ends in logs, histories and Referer
 * headers. Compared whole, in lower case, with `-` read as `_`; `page_token` is not one of them.
 */
export const secretParameters: readonly string[] = [
  'password',
  'passwd',
  'pwd',
  'token',
  'access',
  'access_token',
  'refresh',
  'refresh_token',
  'id_token',
  'secret',
  'client_secret',
  'api_key',
  'authorization',
];

/** Tells whether a query parameter's (decoded) name is that of a secret. Both ends refuse such a URL. */
export function isSecretParameter(name: string, names: readonly string[] = secretParameters): boolean {
  return names.includes(name.toLowerCase().replace(/-/g, '_'));
}
