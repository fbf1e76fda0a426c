import { HttpContextToken } from '@angular/common/http';

/**
 * Asks for a request without the token: `http.get(url, { context: new HttpContext().set(SKIP_AUTH, true) })`. The header
 * `skip: true` does the same, and never leaves the browser.
 */
export const SKIP_AUTH = new HttpContextToken<boolean>(() => false);
