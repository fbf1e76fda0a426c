import { openStore } from '../open-store.js';
import { print } from '../say.js';
import type { StorePlace } from '../settings/check.js';

/** Brings the database to this version's shape, making it if need be; safe to run again and by several nodes at once. */
export async function migrate(place: StorePlace | undefined): Promise<void> {
  const { store, name } = openStore(place, 'make it');
  try {
    const { applied } = await store.migrate();
    print(applied.length === 0 ? `${name} is up to date.` : `${name}: applied ${applied.join(', ')}.`);
  } finally {
    await store.close();
  }
}
