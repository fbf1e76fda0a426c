declare global {
  /** Set by `/environment.js` in the browser and by the server's start: the ports are known only when a test runs. */
  var apiUrl: string | undefined;
}

/** The origin of the API and of its token server. */
export const apiUrl = (): string => globalThis.apiUrl ?? '/api';
