import type { IncomingMessage, ServerResponse } from 'node:http';
import { replyJson, replyResponse } from '@latchkey/example-shared';
import { VerifyError } from '@latchkey/verifier';
import { dayOf } from '../ledger/days.js';
import { savingsRate } from '../ledger/history.js';
import { TransferRefused } from '../ledger/transfers.js';
import type { ApiParts, BankClaims, Handler } from './call.js';
import { Refusal } from './refusal.js';
import { routes } from './routes.js';

/** The bank's API. It knows nobody but by the token, and asks the token server for nothing but its keys. */
export function createApi(parts: ApiParts): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      // For everybody to know.
      if (request.method === 'GET' && request.url === '/api/rates') {
        replyJson(response, 200, { savings: savingsRate });
        return;
      }
      // Of all else first who asks: a stranger learns nothing, not even which addresses exist.
      const verified = await parts.verifier.verify<BankClaims>(request);
      const url = new URL(request.url ?? '/', 'http://api');
      const { handle, id } = findHandler(request.method ?? '', url.pathname);
      const today = dayOf(parts.now());
      parts.ledger.welcome(verified.subject, today);
      await handle({ request, response, verified, url, id, today, subject: verified.subject }, parts);
    } catch (error) {
      await replyError(response, error);
    }
  };
}

function findHandler(method: string, path: string): { handle: Handler; id: string } {
  for (const { pattern, methods } of routes) {
    const match = pattern.exec(path);
    if (!match) continue;
    const handle = methods[method];
    if (handle) return { handle, id: match[1] ?? '' };
    const allow = Object.keys(methods).join(', ');
    throw new Refusal([405, 'method_not_allowed'], `Use ${allow} here.`, { headers: { allow } });
  }
  throw new Refusal([404, 'not_found'], 'There is no such call in this API.');
}

async function replyError(response: ServerResponse, error: unknown): Promise<void> {
  if (response.headersSent) response.destroy();
  else if (error instanceof VerifyError) await replyResponse(response, error.toResponse());
  else if (error instanceof TransferRefused) replyRefusal(response, asRefusal(error));
  else if (error instanceof Refusal) replyRefusal(response, error);
  else replyJson(response, 500, { error: 'server_error', error_description: 'Something went wrong here. Try again.' });
}

const asRefusal = ({ message, field }: TransferRefused): Refusal =>
  new Refusal([422, 'transfer_refused'], message, field === undefined ? {} : { field });

function replyRefusal(response: ServerResponse, { status, headers, body }: Refusal): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  replyJson(response, status, body);
}
