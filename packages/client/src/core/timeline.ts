import { type Milliseconds, milliseconds } from '@latchkey/protocol';

/** An entry of the timeline. Nothing in it is secret: no token, no name, no URL. */
export interface SessionEvent {
  readonly at: Milliseconds;
  /** What happened, such as `refreshed`, `refresh_failed`, `adopted`, `signed_out`, `storage_full`. */
  readonly type: string;
  /** Why, such as `load`, `margin`, `ERR_TIMEOUT`, `refused`. */
  readonly reason?: string;
}

/** Where the timeline outlives a reload of the tab; what cannot be written is kept in the page. */
export interface TimelineSlot {
  read(): string | null;
  /** False if it could not be written. */
  write(text: string): boolean;
}

/** The timeline's length; our choice: a day of a busy tab, in some 15 KB. */
const timelineLength = 200;

/** What happened to the session in this tab, its earlier pages included. */
export interface Timeline {
  entries(): readonly SessionEvent[];
  add(event: SessionEvent): void;
}

/**
 * Creates a timeline. What is stored is read anew each time: two pages of one tab (the other one in the back/forward
 * cache, or a second copy of the library) write to the same one.
 */
export function createTimeline(slot: TimelineSlot): Timeline {
  let unsaved: readonly SessionEvent[] | undefined;
  const entries = (): readonly SessionEvent[] => unsaved ?? parseTimeline(slot.read());
  return {
    entries,
    add(event) {
      const all = [...entries(), event].slice(-timelineLength);
      unsaved = slot.write(JSON.stringify(all)) ? undefined : all;
    },
  };
}

/** Reads a stored timeline; what is no entry is left out, for anybody may have written there. */
function parseTimeline(text: string | null): SessionEvent[] {
  try {
    const stored: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(stored) ? stored.flatMap(parseEvent) : [];
  } catch {
    return [];
  }
}

function parseEvent(entry: unknown): SessionEvent[] {
  const { at, type, reason } = (entry ?? {}) as Record<string, unknown>;
  if (typeof at !== 'number' || typeof type !== 'string') return [];
  return [{ at: milliseconds(at), type, ...(typeof reason === 'string' && { reason }) }];
}
