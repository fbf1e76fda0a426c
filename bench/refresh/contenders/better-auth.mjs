import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import Database from 'better-sqlite3';
import { answering, listening } from '../answering.mjs';

/** better-auth: `getSession` with `updateAge: 0`, so that each call moves the session's expiry in the database. */
await answering(async ({ database: path }) => {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  const options = {
    baseURL: 'http://127.0.0.1',
    secret: randomBytes(32).toString('base64url'),
    database,
    trustedOrigins: ['http://127.0.0.1:4200'],
    emailAndPassword: { enabled: true },
    session: { updateAge: 0 },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' },
  };
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const auth = betterAuth(options);
  const person = { email: 'ada@example.com', password: randomBytes(12).toString('base64url'), name: 'Ada' };
  await auth.api.signUpEmail({ body: person });
  const cookie = async () => {
    const { headers } = await auth.api.signInEmail({ body: person, returnHeaders: true });
    return headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  };
  const signIn = (count) => Promise.all(Array.from({ length: count }, cookie));
  return { port: await listening(createServer(toNodeHandler(auth))), signIn };
});
