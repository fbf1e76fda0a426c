import { expect, test } from 'vitest';
import { Refusal } from './refusal.js';
import { readTransferOrder } from './transfer-order.js';

const order = { from: 'everyday-1', name: 'Lena', iban: 'DE89370400440532013000', amount: 1250, purpose: 'Tickets' };

function refusalOf(body: unknown): Refusal {
  try {
    readTransferOrder(body);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

test('an order is read as people write it, and unknown members are ignored', () => {
  expect(readTransferOrder({ ...order, name: ' Lena ', iban: 'de89 3704 0044 0532 0130 00', role: 'adviser' })).toEqual(
    {
      ...order,
    },
  );
  expect(readTransferOrder({ ...order, purpose: undefined }).purpose).toBe('');
});

test.each([
  ['from', ''],
  ['name', '  '],
  ['name', 'x'.repeat(71)],
  ['name', 'a\nb'],
  ['name', 'left\u202Eright'],
  ['iban', ''],
  ['iban', 'D'.repeat(35)],
  ['amount', 0],
  ['amount', -5],
  ['amount', 1.5],
  ['amount', 5_000_001],
  ['amount', Number.MAX_VALUE],
  ['purpose', 'x'.repeat(141)],
  ['from', 5],
  ['amount', '5'],
  ['iban', undefined],
])('a wrong %s (%j) is refused in words for people, naming the field', (field, value) => {
  const { status, message, body } = refusalOf({ ...order, [field]: value });
  expect(status).toBe(422);
  expect(message).toMatch(/^(Please|You can|There is|This is|The order)/);
  expect(body).toMatchObject({ error: 'invalid_order', field });
});

test.each([null, 'text', 5, []])('%j is no order', (body) => {
  expect(refusalOf(body)).toMatchObject({ status: 422 });
});

test('seventy letters are seventy letters, whatever they take in UTF-16', () => {
  expect(readTransferOrder({ ...order, name: '🙂'.repeat(70) }).name).toHaveLength(140);
});
