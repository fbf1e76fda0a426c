import { ProtocolError, SignedOutError } from '@latchkey/protocol';
import type { Fetch } from './fetch.js';
import type { Session } from './session.js';

/** Files of the API as `blob:` URLs, which live as long as the session. */
export interface ObjectUrls {
  readonly objectUrl: Session['objectUrl'];
  /** Revokes every URL given out, and those still loading; to be called whenever a session ends. */
  readonly revokeAll: () => void;
}

/** What may run no script in the page's origin when somebody opens the URL; an SVG does, outside `<img>`. */
const passive = /^(?:image|audio|video|font)\/|^application\/pdf$|^text\/plain\b/;

/**
 * Makes `session.objectUrl`. Types that could run script become `application/octet-stream`.
 * @see https://w3c.github.io/FileAPI/#url
 */
export function createObjectUrls(
  fetch: Fetch,
  { createObjectURL, revokeObjectURL }: Pick<typeof URL, 'createObjectURL' | 'revokeObjectURL'>,
): ObjectUrls {
  let given = new Set<string>();
  return {
    async objectUrl(input, options) {
      const mine = given;
      const blob = await readFile(await fetch(input, options));
      if (mine !== given) throw new SignedOutError('ERR_SIGNED_OUT', 'The session ended while the file was loading.');
      const url = createObjectURL(
        passive.test(blob.type) ? blob : blob.slice(0, blob.size, 'application/octet-stream'),
      );
      given.add(url);
      return url;
    },
    revokeAll() {
      given.forEach((url) => revokeObjectURL(url));
      given = new Set();
    },
  };
}

/** Reads a file. @throws ProtocolError ERR_REJECTED with the status when the API answered something else */
export async function readFile(response: Response): Promise<Blob> {
  if (response.ok) return response.blob();
  const { status } = response;
  throw new ProtocolError('ERR_REJECTED', `The API answered ${status} to the request for a file.`, { status });
}
