import { parseStrictObject } from '@latchkey/protocol';
import { OAuthError, badRequest } from './answers.js';

/** Largest body, in bytes. Ours are below 10 KiB. */
const longestBody = 16 * 1024;

const jsonType = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a JSON object, strictly: `application/json` alone, UTF-8, not compressed, at most 16 KiB however it comes, no
 * member twice. A request without a body reads as an empty object.
 * @throws OAuthError 415, 413 or 400
 */
export async function readJsonBody(request: Request): Promise<Record<string, unknown>> {
  const { headers } = request;
  const length = headers.get('content-length');
  const isStreamed = length === null && (headers.has('transfer-encoding') || request.body !== null);
  if (length === '0' || (length === null && !isStreamed)) return {};
  if (!jsonType.test(headers.get('content-type') ?? '')) {
    throw new OAuthError(415, 'unsupported_media_type', { description: 'Send Content-Type: application/json, UTF-8.' });
  }
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new OAuthError(415, 'unsupported_media_type', { description: 'Send the body without Content-Encoding.' });
  }
  if (length !== null && !(Number(length) <= longestBody)) throw tooLarge();
  const bytes = length === null ? await collect(request.body) : await readWhole(request);
  if (bytes.length > longestBody) throw tooLarge();
  const body = parseStrictObject(decode(bytes));
  if (!body) throw badRequest('The body must be one JSON object, each member once.');
  return body;
}

const tooLarge = (): OAuthError =>
  new OAuthError(413, 'body_too_large', { description: `The body may have ${longestBody} bytes.` });

async function readWhole(request: Request): Promise<Uint8Array> {
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch {
    throw badRequest('The body did not arrive whole. Send the request again.');
  }
}

/** Reads a body of unstated length, and no further than the limit. */
async function collect(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of body ?? []) {
      total += chunk.length;
      if (total > longestBody) break;
      chunks.push(chunk);
    }
  } catch {
    throw badRequest('The body did not arrive whole. Send the request again.');
  }
  if (total > longestBody) throw tooLarge();
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badRequest('The body is not UTF-8.');
  }
}
