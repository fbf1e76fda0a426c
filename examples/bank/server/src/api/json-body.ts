import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.js';

/** Longest JSON body that is read, in bytes. */
const longest = 16 * 1024;

/** Reads a request's JSON. @throws Refusal 415, 413 or 400 for what is not JSON, too long or broken */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new Refusal([415, 'unsupported_media_type'], 'Send JSON, with Content-Type: application/json.');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // By what comes, as the stated length may be missing.
    if (bytes > longest) throw new Refusal([413, 'too_large'], 'A body may have 16 KiB at most.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new Refusal([400, 'invalid_request'], 'The body is not valid JSON.');
  }
}
