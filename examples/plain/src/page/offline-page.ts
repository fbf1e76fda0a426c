/** Lets the page itself open without a network. Trusted Types ask that the one script address be vouched for. */
export function keepPageForOffline(): void {
  // Not in a private window, nor over plain http from another machine.
  if (!('serviceWorker' in navigator)) return;
  const factory = (globalThis as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  const policy = factory?.createPolicy('offline-page', { createScriptURL: () => '/offline.js' });
  const address = policy ? (policy.createScriptURL('') as string) : '/offline.js';
  // The page works without it; only a reload without a network does not.
  navigator.serviceWorker.register(address).catch(() => undefined);
}

/** The little of Trusted Types that is used here; not yet in TypeScript's DOM. @see https://www.w3.org/TR/trusted-types/ */
interface TrustedTypesFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(text: string): string },
  ): { createScriptURL(text: string): unknown };
}
