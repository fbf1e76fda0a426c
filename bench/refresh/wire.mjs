import { connect } from 'node:net';

/**
 * One keep-alive connection that sends one request at a time. Written by hand on `node:net`, because `fetch` costs more
 * than the servers that are measured, on the same two cores.
 */
export async function openConnection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let text = '';
  let waiting;
  const fail = (error) => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    const answer = readAnswer(text);
    if (!answer || !waiting) return;
    text = '';
    const { resolve } = waiting;
    waiting = undefined;
    resolve(answer);
  });
  socket.on('close', () => fail(new Error('The server closed the connection.'))).on('error', fail);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return {
    /** Sends a whole request; resolves with status and body. */
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** The text of a request, with the headers that a browser's request has and servers look at. */
export function writeRequest({ method = 'POST', path, headers, body = '' }) {
  const all = {
    Host: '127.0.0.1',
    Origin: 'http://127.0.0.1:4200',
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) bench',
    ...(body && { 'Content-Length': body.length }),
    ...headers,
  };
  let text = `${method} ${path} HTTP/1.1\r\n`;
  for (const name in all) text += `${name}: ${all[name]}\r\n`;
  return `${text}\r\n${body}`;
}

/** Status and body of a whole answer; `undefined` while some of it is missing. */
function readAnswer(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (!length) return text.endsWith('\r\n0\r\n\r\n') ? { status, body: joinChunks(text.slice(end + 4)) } : undefined;
  const body = text.slice(end + 4);
  return body.length >= Number(length[1]) ? { status, body } : undefined;
}

function joinChunks(text) {
  let body = '';
  for (let at = 0; ;) {
    const line = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!(size > 0)) return body;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
