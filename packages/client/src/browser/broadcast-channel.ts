import { parseRecord } from '../core/parse-record.js';
import type { SessionRecord } from '../core/session-record.js';
import type { Stop } from '../ports.js';

/**
 * Tells the profile's other tabs to look again. None of it is believed, and nothing is carried in a message but what a
 * full storage did not take: the other tabs would else go on with a refresh token that has been used.
 */
export interface Hints {
  send(unsaved?: SessionRecord): void;
  receive(listener: (unsaved?: SessionRecord) => void): Stop;
}

/** Hints by BroadcastChannel; nothing where there is none. */
export function broadcastHints(name: string): Hints {
  if (typeof BroadcastChannel === 'undefined') return { send: () => undefined, receive: () => () => undefined };
  return {
    send(unsaved) {
      const channel = new BroadcastChannel(name);
      channel.postMessage(unsaved ?? 0);
      channel.close();
    },
    receive(listener) {
      const channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }: MessageEvent<unknown>) => listener(parseRecord(data));
      return () => channel.close();
    },
  };
}
