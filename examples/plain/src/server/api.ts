import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { VerifyError, type Verified, type Verifier } from '@latchkey/verifier';
import { largestPicture, type Pictures } from './pictures.js';
import { replyEmpty, replyJson, replyResponse } from './reply.js';

/** What the API works with. */
export interface ApiParts {
  readonly verifier: Verifier;
  readonly pictures: Pictures;
  readonly now: () => number;
}

/** One request whose token has been verified. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly claims: Verified['claims'];
}

type Handler = (call: Call, parts: ApiParts) => Promise<void> | void;

const routes: Readonly<Record<string, Handler>> = {
  'GET /api/time': tellTime,
  'GET /api/picture': sendPicture,
  'PUT /api/picture': keepPicture,
  'DELETE /api/picture': removePicture,
};

/** The API beside the token server: it knows nobody but by the token, and asks the token server for nothing but keys. */
export function createApi(parts: ApiParts): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://api').pathname;
    const handle = routes[`${request.method ?? ''} ${path}`];
    try {
      // First of all who asks: a stranger learns nothing, not even which addresses exist.
      const { claims } = await parts.verifier.verify(request);
      if (handle) await handle({ request, response, claims }, parts);
      else replyJson(response, 404, { error: 'not_found', error_description: 'There is no such call in this API.' });
    } catch (error) {
      await replyError(response, error);
    }
  };
}

async function replyError(response: ServerResponse, error: unknown): Promise<void> {
  if (response.headersSent) response.destroy();
  else if (error instanceof VerifyError) await replyResponse(response, error.toResponse());
  else replyJson(response, 500, { error: 'server_error', error_description: 'Something went wrong here. Try again.' });
}

function tellTime({ response, claims }: Call, { now }: ApiParts): void {
  replyJson(response, 200, { time: new Date(now()).toISOString(), user: claims.sub, token_expires_at: claims.exp });
}

async function sendPicture({ response, claims }: Call, { pictures }: ApiParts): Promise<void> {
  const picture = await pictures.find(claims.sub);
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

async function keepPicture({ request, response, claims }: Call, { pictures }: ApiParts): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > largestPicture) {
    replyTooLarge(response);
    return;
  }
  const outcome = await pictures.save(claims.sub, request.headers['content-type'] ?? '', request);
  if (outcome === 'saved') replyEmpty(response);
  else if (outcome === 'too_large') replyTooLarge(response);
  else {
    const error_description = 'Send a PNG, JPEG, GIF, WebP or AVIF picture and name its type.';
    replyJson(response, 415, { error: 'unsupported_media_type', error_description });
  }
}

function replyTooLarge(response: ServerResponse): void {
  replyJson(response, 413, { error: 'too_large', error_description: 'A picture may have 32 MB at most.' });
}

async function removePicture({ response, claims }: Call, { pictures }: ApiParts): Promise<void> {
  await pictures.remove(claims.sub);
  replyEmpty(response);
}
