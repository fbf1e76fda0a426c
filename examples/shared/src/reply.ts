import type { ServerResponse } from 'node:http';

/** Headers of every answer of the API: nothing is cached on the way, nothing is taken for another type. */
const apiHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Answers with JSON. */
export function replyJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...apiHeaders, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers without a body. */
export function replyEmpty(response: ServerResponse, status = 204): void {
  response.writeHead(status, apiHeaders).end();
}

/** Sends what was written for the fetch API. */
export async function replyResponse(response: ServerResponse, from: Response): Promise<void> {
  response.writeHead(from.status, { ...apiHeaders, ...Object.fromEntries(from.headers) });
  response.end(Buffer.from(await from.arrayBuffer()));
}
