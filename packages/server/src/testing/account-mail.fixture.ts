import { expect } from 'vitest';
import type { Mail } from '../mails.js';
import { type TestServer, type TestServerOptions, serve } from './open-test-server.fixture.js';

/** A server that sends mail into a list. */
export interface MailingServer extends TestServer {
  /** Waits for what is sent after answers, then gives all mails so far. */
  mails(): Promise<readonly Mail[]>;
  /** Asks for a reset and gives the token that the mail brought. */
  askForReset(username?: string): Promise<string>;
}

/** Whoever the tests are about; the user name is the address. */
export const address = 'ada@example.com';

/** The pages of the app that mails lead to. */
export const pages = {
  resetLink: 'https://app.example.com/new-password',
  verifyLink: 'https://app.example.com/confirm',
};

/** The token in a mail's link. */
export function tokenOf(mail: Mail | undefined): string {
  const match = /#token=(lko1_[\w-]{43})$/.exec(mail?.link ?? '');
  expect(match, JSON.stringify(mail)).not.toBeNull();
  return match?.[1] ?? '';
}

/** Starts a server whose mails land in a list; `links` are the pages that it knows. */
export async function serveWithMail(
  options: TestServerOptions = {},
  links: Partial<typeof pages> = pages,
): Promise<MailingServer> {
  const sent: Mail[] = [];
  const server = await serve({ ...links, sendMail: (mail) => void sent.push(mail), ...options });
  const mails = async () => {
    await server.auth.stop();
    return sent;
  };
  return {
    ...server,
    mails,
    async askForReset(username = address) {
      const before = (await mails()).length;
      expect(await server.post('/password/forgot', { username })).toMatchObject({ status: 202, text: '' });
      return tokenOf((await mails())[before]);
    },
  };
}
