import type { SessionRecord } from '@latchkey/client/core';
import type { Database, Tab, World } from './world.js';

/** Writes a record, or gives it a shorter name. */
export type RecordNames = (record: SessionRecord | undefined) => string;

const texts = new WeakMap<SessionRecord, string>();

/** Writes all that a record holds, once for each. */
export const textOfRecord: RecordNames = (record) => {
  if (!record) return '-';
  const known = texts.get(record);
  if (known !== undefined) return known;
  const text = JSON.stringify(record);
  texts.set(record, text);
  return text;
};

/** Writes what tells one canonical world from another: everything in it but what is the same in all. */
export function textOf(world: World): string {
  const numbers = new Map<string, number>();
  const number: RecordNames = (record) => {
    const text = textOfRecord(record);
    const at = numbers.get(text) ?? numbers.size;
    numbers.set(text, at);
    return String(at);
  };
  const { holder, queue, messages, intents, thief, over, used, mintingKeyId, unwritten } = world;
  const parts = [
    textOfDatabase(world.database),
    ...world.lost.map(textOfDatabase),
    number(world.record),
    number(world.copy),
    number(world.staleCopy),
    world.earlier.map(number).join(),
    ...unwritten.map(({ tab, record }) => `${tab} ${number(record)}`),
    ...world.tabs.map((tab) => textOfTab(tab, number)),
    JSON.stringify([holder, queue, messages, intents, thief, over, used, mintingKeyId]),
  ];
  return [...numbers.keys(), ...parts].join('\n');
}

/** Writes a tab; what its machine holds beside these parts is the same in every canonical world. */
export function textOfTab({ open, state, waiting, late }: Tab, names: RecordNames): string {
  if (!open) return 'closed';
  const { record, known, flight, wanted } = state;
  const heard = late?.type === 'record' ? `${names(late.record)} ${String(late.won)}` : '';
  return `${names(record)} ${String(known)} ${String(waiting)} ${heard} ${JSON.stringify([flight, wanted])}`;
}

function textOfDatabase(database: Database): string {
  const rows = Object.values(database).map(
    ({ id, userId, generation, tokenHash, keyId, chain, revokedAt, idleExpiresAt }) =>
      `${id} ${userId} ${generation} ${tokenHash} ${keyId} ${chain} ${revokedAt ?? ''} ${idleExpiresAt}`,
  );
  return rows.join();
}
