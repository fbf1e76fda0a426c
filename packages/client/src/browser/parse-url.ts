import type { ParsedUrl } from '../core/request-rules.js';

/** The platform's URL parser, which gives `undefined` for what is no URL. */
export function parseUrl(text: string, base?: string): ParsedUrl | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
