import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  keepPicture,
  type PictureCall,
  type Pictures,
  removePicture,
  replyJson,
  replyResponse,
  sendPicture,
} from '@latchkey/example-shared';
import { VerifyError, type Verified, type Verifier } from '@latchkey/verifier';

/** What the API works with. */
export interface ApiParts {
  readonly verifier: Verifier;
  readonly pictures: Pictures;
  readonly now: () => number;
}

/** One request whose token has been verified. */
interface Call extends PictureCall {
  readonly claims: Verified['claims'];
}

type Handler = (call: Call, parts: ApiParts) => Promise<void> | void;

const routes: Readonly<Record<string, Handler>> = {
  'GET /api/time': tellTime,
  'GET /api/picture': (call, { pictures }) => sendPicture(call, pictures),
  'PUT /api/picture': (call, { pictures }) => keepPicture(call, pictures),
  'DELETE /api/picture': (call, { pictures }) => removePicture(call, pictures),
};

/** The API beside the token server: it knows nobody but by the token, and asks the token server for nothing but keys. */
export function createApi(parts: ApiParts): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://api').pathname;
    const handle = routes[`${request.method ?? ''} ${path}`];
    try {
      // First of all who asks: a stranger learns nothing, not even which addresses exist.
      const { claims, subject } = await parts.verifier.verify(request);
      if (handle) await handle({ request, response, claims, subject }, parts);
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
