import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The largest picture that is kept, in bytes. */
export const largestPicture = 32 * 1024 * 1024;

/** What may be uploaded, and the file name it is kept under. SVG is not among them: it can carry scripts. */
const extensions: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
};

/** A stored picture, ready to be sent. */
export interface Picture {
  readonly type: string;
  readonly bytes: number;
  open(): Readable;
}

/** Keeps at most one picture a user, on disk. */
export interface Pictures {
  /** Stores the stream in place of the user's picture; `too_large` or `wrong_type`, and nothing changed, if it may not be. */
  save(userId: string, type: string, from: Readable): Promise<'saved' | 'too_large' | 'wrong_type'>;
  find(userId: string): Promise<Picture | undefined>;
  remove(userId: string): Promise<void>;
}

/** Opens the folder of pictures and makes it where it is missing. */
export async function openPictures(folder: string): Promise<Pictures> {
  await mkdir(folder, { recursive: true });
  // A hash of the user's id: no id can name a path.
  const nameOf = (userId: string): string => createHash('sha256').update(userId).digest('hex');
  const filesOf = async (userId: string): Promise<string[]> =>
    (await readdir(folder)).filter((file) => file.startsWith(`${nameOf(userId)}.`));

  return {
    async save(userId, type, from) {
      const extension = extensions[type];
      if (!extension) return 'wrong_type';
      const arriving = join(folder, `arriving-${randomUUID()}`);
      try {
        await pipeline(from, atMost(largestPicture), createWriteStream(arriving, { mode: 0o600 }));
      } catch (error) {
        await rm(arriving, { force: true });
        if (error instanceof TooLarge) return 'too_large';
        throw error;
      }
      const name = `${nameOf(userId)}.${extension}`;
      await rename(arriving, join(folder, name));
      for (const other of await filesOf(userId)) if (other !== name) await rm(join(folder, other), { force: true });
      return 'saved';
    },
    async find(userId) {
      const [file] = await filesOf(userId);
      const type = Object.keys(extensions).find((key) => file?.endsWith(`.${String(extensions[key])}`));
      if (!file || !type) return undefined;
      const path = join(folder, file);
      return { type, bytes: (await stat(path)).size, open: () => createReadStream(path) };
    },
    async remove(userId) {
      for (const file of await filesOf(userId)) await rm(join(folder, file), { force: true });
    },
  };
}

class TooLarge extends Error {}

/** Lets so many bytes through and then fails, so that a body without a length cannot fill the disk. */
function atMost(limit: number) {
  return async function* limited(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > limit) throw new TooLarge('The body is larger than a picture may be.');
      yield chunk;
    }
  };
}
