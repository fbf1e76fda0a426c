import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A mail as a mail server gets it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header lines unfolded, then the body with its transfer encoding undone. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A small mail server on loopback, for what RFC 5321 asks of the simplest. */
export interface SmtpFixture {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** `user:password` of each AUTH PLAIN. */
  readonly logins: readonly string[];
  /** Every command line, as it came. */
  readonly commands: readonly string[];
  close(): Promise<void>;
}

/** What the fixture does otherwise than a plain one. */
export interface SmtpBehaviour {
  /** Answers RCPT so, in place of 250. */
  readonly recipientReply?: string;
  readonly offersAuth?: boolean;
}

type Lists = { mails: ReceivedMail[]; logins: string[]; commands: string[]; behaviour: SmtpBehaviour };

/** Starts a mail server that keeps what it is given. It knows no TLS. */
export async function openSmtpServer(behaviour: SmtpBehaviour = {}): Promise<SmtpFixture> {
  const lists: Lists = { mails: [], logins: [], commands: [], behaviour };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    void converse(socket, lists);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    ...{ port, mails: lists.mails, logins: lists.logins, commands: lists.commands },
    async close() {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

async function converse(socket: Socket, { mails, logins, commands, behaviour }: Lists): Promise<void> {
  const say = (line: string) => void socket.write(`${line}\r\n`);
  let envelope = { from: '', to: [] as string[] };
  let data: string[] | undefined;
  say('220 fixture');
  for await (const line of createInterface({ input: socket })) {
    if (data) {
      if (line !== '.') data.push(line.replace(/^\./, ''));
      else {
        mails.push({ ...envelope, ...readMessage(data) });
        [data, envelope] = [undefined, { from: '', to: [] }];
        say('250 kept');
      }
      continue;
    }
    commands.push(line);
    const verb = line.split(' ')[0]?.toUpperCase();
    if (verb === 'EHLO') {
      if (behaviour.offersAuth) say('250-AUTH PLAIN');
      say('250 fixture');
    } else if (verb === 'AUTH') {
      logins.push(
        Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString()
          .split('\0')
          .slice(1)
          .join(':'),
      );
      say('235 welcome');
    } else if (verb === 'MAIL') {
      envelope.from = inBrackets(line);
      say('250 ok');
    } else if (verb === 'RCPT') {
      envelope.to.push(inBrackets(line));
      say(behaviour.recipientReply ?? '250 ok');
    } else if (verb === 'DATA') {
      data = [];
      say('354 go on');
    } else if (verb === 'QUIT') {
      say('221 bye');
      socket.end();
    } else say(verb === 'RSET' || verb === 'NOOP' ? '250 ok' : '502 unknown');
  }
}

const inBrackets = (line: string): string => /<(.*)>/.exec(line)?.[1] ?? '';

function readMessage(lines: readonly string[]): Pick<ReceivedMail, 'headers' | 'body'> {
  const end = lines.indexOf('');
  const head = lines
    .slice(0, end)
    .join('\n')
    .replace(/\n[ \t]+/g, ' ');
  const headers = Object.fromEntries(
    head.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const text = lines.slice(end + 1).join('\n');
  const isQuoted = headers['content-transfer-encoding'] === 'quoted-printable';
  return { headers, body: isQuoted ? readQuotedPrintable(text) : text };
}

/** @see RFC 2045 §6.7 */
function readQuotedPrintable(text: string): string {
  const bytes = text
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
