import { openStore } from '../open-store.js';
import { print } from '../say.js';

/** Brings the database to this version's shape, making it if need be; safe to run again and by several nodes at once. */
export async function migrate(databasePath: string | undefined): Promise<void> {
  const store = openStore(databasePath, 'make it');
  try {
    const { applied } = await store.migrate();
    print(applied.length === 0 ? `${store.path} is up to date.` : `${store.path}: applied ${applied.join(', ')}.`);
  } finally {
    await store.close();
  }
}
