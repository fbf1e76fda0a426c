import type { Stop } from '../ports.js';

/** Tells the profile's other tabs to look again. Nothing is ever carried in a message, and none is believed. */
export interface Hints {
  send(): void;
  receive(listener: () => void): Stop;
}

/** Hints by BroadcastChannel; nothing where there is none. */
export function broadcastHints(name: string): Hints {
  if (typeof BroadcastChannel === 'undefined') return { send: () => undefined, receive: () => () => undefined };
  const post = (): void => {
    const channel = new BroadcastChannel(name);
    channel.postMessage(0);
    channel.close();
  };
  return {
    send: post,
    receive(listener) {
      const channel = new BroadcastChannel(name);
      channel.onmessage = () => listener();
      return () => channel.close();
    },
  };
}
