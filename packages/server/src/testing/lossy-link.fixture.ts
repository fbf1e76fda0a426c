import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** When a link breaks: before the message gets there, or when it has been answered and the answer is on its way back. */
export type Break = 'before it arrives' | 'before its answer';

/** A link to a server that breaks when it is told to. */
export interface LossyLink {
  readonly port: number;
  /** Breaks the connection over which the next message with this text goes, once; after `meanwhile`. */
  breakAt(text: string, when: Break, meanwhile?: () => Promise<unknown>): void;
  /** How often it has broken, and how many messages have gone to the server, over all connections. */
  readonly counts: { readonly breaks: number; readonly messages: number };
  close(): Promise<void>;
}

interface State {
  armed: { text: string; when: Break; meanwhile: () => Promise<unknown> } | undefined;
  readonly counts: { breaks: number; messages: number };
}

/** Opens a link to a port of this machine. */
export async function lossyLink(port: number): Promise<LossyLink> {
  const state: State = { armed: undefined, counts: { breaks: 0, messages: 0 } };
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    relay(state, client, connect(port, '127.0.0.1'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    counts: state.counts,
    breakAt(text, when, meanwhile = () => Promise.resolve()) {
      state.armed = { text, when, meanwhile };
    },
    async close() {
      clients.forEach((client) => client.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

function relay(state: State, client: Socket, upstream: Socket): void {
  let doom: (() => Promise<unknown>) | undefined;
  const end = async () => {
    const meanwhile = doom;
    doom = undefined;
    client.pause();
    upstream.pause();
    await meanwhile?.();
    state.counts.breaks += 1;
    client.destroy();
    upstream.destroy();
  };
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    socket.on('error', () => undefined).on('close', () => other.destroy());
  }
  client.on('data', (data) => {
    state.counts.messages += 1;
    if (state.armed && data.includes(state.armed.text)) {
      const { when, meanwhile } = state.armed;
      state.armed = undefined;
      doom = meanwhile;
      if (when === 'before it arrives') return void end();
    }
    upstream.write(data);
  });
  upstream.on('data', (data) => void (doom ? end() : client.write(data)));
}
