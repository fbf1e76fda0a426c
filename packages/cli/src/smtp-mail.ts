import type { Mail } from '@latchkey/server';
import { createTransport } from 'nodemailer';
import { isLoopback } from './loopback.js';
import type { SmtpServer } from './settings/smtp-url.js';

/** A way for mail to leave. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** In milliseconds. Our choice: nobody waits for a mail's answer, but a process that ends waits for its mails. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/**
 * Hands mail to a mail server, on two connections at most. Its links are secrets: without TLS it goes to this machine
 * alone, unless plain text is allowed.
 */
export function smtpMailer(server: SmtpServer, { from, allowPlain }: { from: string; allowPlain: boolean }): Mailer {
  const { host, port, secure, auth } = server;
  const transport = createTransport({
    ...timeouts,
    ...{ host, port, secure, requireTLS: !secure && !allowPlain && !isLoopback(host) },
    ...(auth && { auth: { ...auth } }),
    ...{ pool: true, maxConnections: 2, disableFileAccess: true, disableUrlAccess: true },
  });
  return {
    async send({ to, subject, text }) {
      // An object, so that nothing in an address is read as a list; the header keeps holiday replies away.
      const recipient = { name: '', address: to };
      await transport.sendMail({ from, to: recipient, subject, text, headers: { 'Auto-Submitted': 'auto-generated' } });
    },
    close: () => transport.close(),
  };
}
