import { TransientError } from '@latchkey/protocol';
import type { Fetch } from './fetch.js';
import { lentBy } from './lending.js';
import { readFile } from './object-url.js';
import type { Session } from './session.js';

/** How far a transfer is, in bytes; `total` is `undefined` where nobody knows. */
export interface Progress {
  readonly loaded: number;
  readonly total: number | undefined;
}

/** How to upload. */
export interface UploadOptions {
  /** What to send; the browser names its type where it has one. */
  readonly body: XMLHttpRequestBodyInit;
  /** Default `POST`. */
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  readonly headers?: HeadersInit;
  /** Called as bytes leave; from zero again if the API refuses the token and the upload is repeated. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** How to download. */
export interface DownloadOptions {
  /** Called as bytes come, decompressed ones; `total` is left out where the API compresses. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Sends a body with the rules of `session.fetch`, and tells how far it is. Uses XMLHttpRequest, because `fetch` does not
 * tell. Gives the API's answer whatever its status, as `fetch` does.
 * @throws TransientError ERR_NETWORK without an answer; otherwise as `session.fetch` does
 * @see https://xhr.spec.whatwg.org/#the-upload-attribute
 */
export async function upload(session: Session, url: string | URL, options: UploadOptions): Promise<Response> {
  const { fetchBy } = lentBy(session, 'upload()');
  const { method = 'POST', headers, signal } = options;
  // The rules send a text where they were given a text or a URL.
  const send: Fetch = (target, init) => sendByXhr(target as string, init, options);
  return fetchBy(send)(url, { method, ...(headers && { headers }), ...(signal && { signal }) });
}

/**
 * Loads a file with the rules of `session.fetch`, and tells how far it is.
 * @throws ProtocolError ERR_REJECTED with the status when the API answers an error; otherwise as `session.fetch` does
 */
export async function download(
  session: Session,
  url: string | URL,
  { onProgress, signal }: DownloadOptions = {},
): Promise<Blob> {
  const response = await session.fetch(url, signal && { signal });
  const { body, ok, headers } = response;
  if (!ok || !body || !onProgress) return readFile(response);
  const size = headers.has('content-encoding') ? 0 : Number(headers.get('content-length'));
  let loaded = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      // More than was announced: the length was that of a compressed body.
      onProgress({ loaded, total: loaded <= size ? size : undefined });
      controller.enqueue(chunk);
    },
  });
  return new Response(body.pipeThrough(counter), response).blob();
}

async function sendByXhr(
  url: string,
  init: RequestInit | undefined,
  { method = 'POST', body, onProgress, signal }: UploadOptions,
): Promise<Response> {
  signal?.throwIfAborted();
  const xhr = new XMLHttpRequest();
  xhr.open(method, url);
  xhr.responseType = 'blob';
  new Headers(init?.headers).forEach((value, name) => xhr.setRequestHeader(name, value));
  xhr.upload.onprogress = ({ loaded, total, lengthComputable }) =>
    onProgress?.({ loaded, total: lengthComputable ? total : undefined });
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      xhr.abort();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort);
    xhr.onloadend = () => signal?.removeEventListener('abort', abort);
    xhr.onload = () => resolve();
    xhr.onerror = () =>
      reject(new TransientError('ERR_NETWORK', 'No answer to the upload: check the network, repeat.'));
    xhr.send(body);
  });
  return readXhr(xhr);
}

/** Statuses such as 204 may have no body; an empty one counts as none. */
function readXhr(xhr: XMLHttpRequest): Response {
  const blob = xhr.response as Blob;
  const lines = xhr.getAllResponseHeaders().split('\r\n').filter(Boolean);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return new Response(blob.size ? blob : null, { status: xhr.status, statusText: xhr.statusText, headers });
}
