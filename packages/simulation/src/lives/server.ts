import type { RefreshVerdict } from '@latchkey/client/core';
import { type EpochSeconds, epochSeconds, seconds } from '@latchkey/protocol';
import { type RefreshRequest, type SessionRow, type SuccessorName } from '@latchkey/server';
import type { App } from './app.js';
import type { LifeRules } from './rules.js';

/** What a server sends back to a refresh. */
export interface Reply {
  readonly verdict: RefreshVerdict;
  readonly generation: number | undefined;
}

/** A refresh as it arrives. */
export interface Presented {
  readonly refreshToken: string;
  readonly key: string;
  readonly final: boolean;
}

/** What a sign-in brings. */
export interface SignedIn {
  readonly session: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** By the server's clock. */
  readonly absoluteExpiresAt: EpochSeconds;
}

/** What a failover took with it. */
export interface Lost {
  readonly signIns: string[];
  /** Sessions with more rotations lost than both ends remember. */
  readonly tooFar: string[];
  readonly rotations: number;
}

interface Version {
  readonly at: number;
  readonly row: SessionRow;
}

/** A token by its parts. Equal secrets have equal names, and nobody guesses another's. */
interface Token {
  readonly session: string;
  readonly generation: number;
  readonly secret: string;
  readonly keyId: number;
}

const hashLength = 43;
const remembered = 8;
/** Versions of a row that a failover can bring back. */
const mostVersions = 16;

/** The token server and its database, as one person's sessions see them. Decides by the real rule. */
export class Server {
  readonly #rules: LifeRules;
  readonly #app: App;
  readonly #rows = new Map<string, Version[]>();
  /** What each secret leads to under each key: the derivation, as a table. */
  readonly #successors = new Map<string, string>();
  #names = 0;
  mintingKeyId = 1;

  constructor(rules: LifeRules, app: App) {
    this.#rules = rules;
    this.#app = app;
  }

  /** Makes a session. `absolute`: another lifetime than the app's, in milliseconds. */
  signIn(now: number, absolute: number = this.#app.absoluteSeconds * 1000): SignedIn {
    const name = String(++this.#names);
    const token: Token = { session: `s${name}`, generation: 0, secret: name, keyId: this.mintingKeyId };
    const row = this.#newRow(token, now, absolute);
    this.#rows.set(row.id, [{ at: now, row }]);
    const { accessToken } = this.#accessToken(row.id, now);
    const { id: session, absoluteExpiresAt } = row;
    return { session, accessToken, refreshToken: writeToken(token), absoluteExpiresAt };
  }

  /** Decides a refresh and does what the decision says, in one step. Returns the outcome's name, too. */
  refresh({ refreshToken, key, final }: Presented, now: number): { reply: Reply; outcome: string } {
    const token = readToken(refreshToken);
    const secret = this.#successorOf(token.secret, key);
    const row = this.#rowOf(token.session);
    const outcome = this.#rules.decide(row, this.#requestOf(token, { secret, final, now }), inSeconds(now));
    const named = (name: SuccessorName, of: string): string => writeToken({ ...token, ...name, secret: of });
    const reply = (): Reply => {
      switch (outcome.kind) {
        case 'rotate':
          this.#write(outcome.next, now);
          return this.#grant(outcome.next, named(outcome.next, secret), now);
        case 'repeat':
          return row ? this.#grant(row, named(outcome.successor, secret), now) : refused;
        case 'stale':
          return superseded(outcome.generation, named(outcome.successor, secret));
        case 'twin':
          return superseded(outcome.generation, named(outcome.itself, token.secret));
        case 'behind':
        case 'old':
          return superseded(outcome.generation, undefined);
        case 'reused':
          this.revoke(token.session, now, 'refresh_reused');
          return refused;
        case 'invalid':
        case 'ended':
          return refused;
      }
    };
    return { reply: reply(), outcome: outcome.kind };
  }

  /** Ends a session by any of its refresh tokens. */
  signOut(refreshToken: string, now: number): void {
    this.revoke(readToken(refreshToken).session, now, 'signed_out');
  }

  /** Ends all sessions but one. */
  changePassword(now: number, but?: string): void {
    for (const session of this.#rows.keys()) if (session !== but) this.revoke(session, now, 'password_changed');
  }

  revoke(session: string, now: number, revokedReason: SessionRow['revokedReason']): void {
    const row = this.#rowOf(session);
    if (row?.revokedAt === null) this.#write({ ...row, revokedAt: inSeconds(now), revokedReason }, now);
  }

  /** Whether an API takes an access token: not expired by its own clock, session not revoked. */
  accepts(accessToken: string, now: number): boolean {
    const [session = '', expiresAt] = accessToken.split('/');
    return now < Number(expiresAt) * 1000 && this.#rowOf(session)?.revokedAt === null;
  }

  /** A standby takes over that has what was written before `since`. */
  failOver(since: number): Lost {
    const lost: { signIns: string[]; tooFar: string[]; rotations: number } = { signIns: [], tooFar: [], rotations: 0 };
    for (const [session, versions] of this.#rows) {
      const newest = this.#rowOf(session)?.generation ?? 0;
      const kept = versions.filter(({ at }) => at <= since);
      // Its history is cut, so a row that old has at least its oldest version.
      const oldest = versions.length === mostVersions ? versions.slice(0, 1) : [];
      const back = kept.length > 0 ? kept : oldest;
      this.#rows.set(session, back);
      const generation = back.at(-1)?.row.generation;
      if (generation === undefined) {
        this.#rows.delete(session);
        lost.signIns.push(session);
      } else if (newest - generation > remembered) lost.tooFar.push(session);
      lost.rotations += newest - (generation ?? 0);
    }
    return lost;
  }

  #rowOf(session: string): SessionRow | undefined {
    const versions = this.#rows.get(session);
    return versions?.[versions.length - 1]?.row;
  }

  #write(row: SessionRow, at: number): void {
    const versions = this.#rows.get(row.id);
    if (!versions) return;
    versions.push({ at, row });
    if (versions.length > mostVersions) versions.shift();
  }

  #successorOf(secret: string, key: string): string {
    const from = `${secret}${key}`;
    const known = this.#successors.get(from);
    if (known !== undefined) return known;
    const made = String(++this.#names);
    this.#successors.set(from, made);
    return made;
  }

  #requestOf(
    { keyId, generation, secret: presented }: Token,
    { secret, final, now }: { secret: string; final: boolean; now: number },
  ): RefreshRequest {
    return {
      keyId,
      generation,
      tokenHash: hashOf(presented),
      successorHash: hashOf(secret),
      mintingKeyId: this.mintingKeyId,
      final,
      idle: { idleSeconds: this.#app.idleSeconds, countedFrom: 'refresh' },
      activeAt: inSeconds(now),
    };
  }

  #grant({ id, idleExpiresAt, absoluteExpiresAt }: SessionRow, refreshToken: string, now: number): Reply {
    const left = Math.min(idleExpiresAt, absoluteExpiresAt) - inSeconds(now);
    const refreshExpiresIn = seconds(left);
    const tokens = { ...this.#accessToken(id, now), refreshToken, refreshExpiresIn, user: undefined };
    return { verdict: { kind: 'success', tokens }, generation: readToken(refreshToken).generation };
  }

  /** Names an access token by what an API reads in it; the last part makes each another. */
  #accessToken(session: string, now: number) {
    const expiresIn = this.#app.accessSeconds;
    const accessToken = `${session}/${inSeconds(now) + expiresIn}/${++this.#names}`;
    return { accessToken, tokenType: 'Bearer', expiresIn } as const;
  }

  #newRow({ session, secret, keyId }: Token, now: number, absolute: number): SessionRow {
    const at = inSeconds(now);
    const absoluteExpiresAt = inSeconds(now + absolute);
    return {
      id: session,
      userId: 'user',
      generation: 0,
      tokenHash: hashOf(secret),
      keyId,
      chain: '',
      jkt: null,
      createdAt: at,
      refreshedAt: at,
      activeAt: at,
      idleExpiresAt: epochSeconds(Math.min(at + this.#app.idleSeconds, absoluteExpiresAt)),
      absoluteExpiresAt,
      revokedAt: null,
      revokedReason: null,
      userAgent: '',
      ip: '',
      label: null,
    };
  }
}

const inSeconds = (now: number): EpochSeconds => epochSeconds(Math.floor(now / 1000));

/** What the database keeps of a secret, at the width of a real hash. */
const hashOf = (secret: string): string => secret.padEnd(hashLength, '_');

const writeToken = ({ session, generation, secret, keyId }: Token): string =>
  `${session}/${generation}/${secret}/${keyId}`;

function readToken(text: string): Token {
  const [session = '', generation, secret = '', keyId] = text.split('/');
  return { session, generation: Number(generation), secret, keyId: Number(keyId) };
}

const superseded = (generation: number, refresh: string | undefined): Reply => ({
  verdict: { kind: 'superseded', generation, refresh },
  generation: undefined,
});

const refused: Reply = {
  verdict: { kind: 'refused', error: 'invalid_grant', message: 'The session is over.', status: 401 },
  generation: undefined,
};
