import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { largestPicture, type Pictures } from './pictures.js';
import { replyEmpty, replyJson } from './reply.js';

/** A request about somebody's picture; `subject` is that person's id, from a verified token. */
export interface PictureCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly subject: string;
}

/** Answers with the picture, or with 404 `no_picture`. */
export async function sendPicture({ response, subject }: PictureCall, pictures: Pictures): Promise<void> {
  const picture = await pictures.find(subject);
  if (!picture) {
    replyJson(response, 404, { error: 'no_picture', error_description: 'No picture has been uploaded yet.' });
    return;
  }
  response.writeHead(200, {
    'content-type': picture.type,
    'content-length': picture.bytes,
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  await pipeline(picture.open(), response);
}

/** Keeps the request's body as the person's picture: 204, or 413 and 415 for what is too large or no picture. */
export async function keepPicture({ request, response, subject }: PictureCall, pictures: Pictures): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > largestPicture) {
    replyTooLarge(response);
    return;
  }
  const outcome = await pictures.save(subject, request.headers['content-type'] ?? '', request);
  if (outcome === 'saved') replyEmpty(response);
  else if (outcome === 'too_large') replyTooLarge(response);
  else {
    const error_description = 'Send a PNG, JPEG, GIF, WebP or AVIF picture and name its type.';
    replyJson(response, 415, { error: 'unsupported_media_type', error_description });
  }
}

/** Forgets the person's picture: 204, also where there was none. */
export async function removePicture({ response, subject }: PictureCall, pictures: Pictures): Promise<void> {
  await pictures.remove(subject);
  replyEmpty(response);
}

function replyTooLarge(response: ServerResponse): void {
  replyJson(response, 413, { error: 'too_large', error_description: 'A picture may have 32 MB at most.' });
}
