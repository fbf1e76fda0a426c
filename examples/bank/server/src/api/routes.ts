import { keepPicture, removePicture, replyJson, sendPicture } from '@latchkey/example-shared';
import type { Account } from '../ledger/ledger-types.js';
import type { ApiParts, Call, Handler } from './call.js';
import { readIdempotencyKey } from './idempotency-key.js';
import { readJson } from './json-body.js';
import { wholeNumber } from './query.js';
import { Refusal } from './refusal.js';
import { writeCsv } from './statement-csv.js';
import { readTransferOrder } from './transfer-order.js';

/** How old the last sign-in may be when money moves, in seconds. */
const recentSeconds = 5 * 60;

/** Every call of the API. An account's id is the variable of a path. */
export const routes: readonly { readonly pattern: RegExp; readonly methods: Readonly<Record<string, Handler>> }[] = [
  { pattern: /^\/api\/accounts$/, methods: { GET: listAccounts } },
  { pattern: /^\/api\/accounts\/([\w-]+)\/entries$/, methods: { GET: listEntries } },
  { pattern: /^\/api\/accounts\/([\w-]+)\/balances$/, methods: { GET: listBalances } },
  { pattern: /^\/api\/statements\/([\w-]+)\.csv$/, methods: { GET: sendStatement } },
  { pattern: /^\/api\/transfers$/, methods: { POST: makeTransfer } },
  {
    pattern: /^\/api\/me\/picture$/,
    methods: {
      GET: (call, { pictures }) => sendPicture(call, pictures),
      PUT: (call, { pictures }) => keepPicture(call, pictures),
      DELETE: (call, { pictures }) => removePicture(call, pictures),
    },
  },
  { pattern: /^\/api\/adviser\/overview$/, methods: { GET: showFigures } },
];

function listAccounts({ response, subject }: Call, { ledger }: ApiParts): void {
  replyJson(response, 200, { accounts: ledger.accountsOf(subject) });
}

function listEntries(call: Call, { ledger }: ApiParts): void {
  const { id } = ownAccount(call, ledger);
  const { searchParams } = call.url;
  const page = wholeNumber(searchParams.get('page'), { least: 1, most: 100_000, otherwise: 1 });
  const size = wholeNumber(searchParams.get('size'), { least: 1, most: 100, otherwise: 15 });
  const search = (searchParams.get('search') ?? '').trim().slice(0, 100);
  replyJson(call.response, 200, ledger.page(id, { page, size, search }));
}

function listBalances(call: Call, { ledger }: ApiParts): void {
  const { id } = ownAccount(call, ledger);
  const days = wholeNumber(call.url.searchParams.get('days'), { least: 2, most: 731, otherwise: 90 });
  replyJson(call.response, 200, { points: ledger.balances(id, { days, today: call.today }) });
}

function sendStatement(call: Call, { ledger }: ApiParts): void {
  const { id } = ownAccount(call, ledger);
  const body = Buffer.from(writeCsv(ledger.all(id)));
  call.response.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': `attachment; filename="larkfield-${id}.csv"`,
    // Without it nobody could say how far a download has come.
    'content-length': body.length,
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  });
  call.response.end(body);
}

/**
 * Says what is wrong with an order before it asks for the password: nobody types that for nothing. Who asks again, as
 * the answer was lost, is answered the same.
 */
async function makeTransfer({ request, response, verified, subject, today }: Call, parts: ApiParts): Promise<void> {
  const order = readTransferOrder(await readJson(request));
  const key = readIdempotencyKey(request);
  const sender = { id: subject, name: verified.claims.name ?? 'A customer of Larkfield Bank' };
  const authorise = (): void => verified.requireRecentAuth(recentSeconds);
  replyJson(response, 201, { entry: parts.ledger.transfer(sender, order, { today, key, authorise }) });
}

function showFigures({ response, verified }: Call, { ledger }: ApiParts): void {
  if (verified.claims.role !== 'adviser') {
    const headers = { 'www-authenticate': 'Bearer error="insufficient_scope"' };
    throw new Refusal([403, 'insufficient_scope'], 'This is for advisers of the bank.', { headers });
  }
  replyJson(response, 200, ledger.figures());
}

/** @throws Refusal 404 for another person's account as for one that does not exist */
function ownAccount({ subject, id }: Call, ledger: ApiParts['ledger']): Account {
  const account = ledger.find(subject, id);
  if (account) return account;
  throw new Refusal([404, 'no_such_account'], 'You have no account with this id.');
}
