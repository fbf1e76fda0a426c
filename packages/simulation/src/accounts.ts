import type { Model, Move } from './explore.js';

/** The rules around passwords and sign-out everywhere, as the stores' contract promises them. */
export interface AccountRules {
  /** Whether a sign-in is inserted only at the credential version that was checked. */
  readonly insertAtCheckedVersion: boolean;
  /** What a line of the revocation feed for a user, and each access token, is compared by. */
  readonly userLineBy: 'epoch' | 'time';
}

/** The rules as they are shipped. */
export const realAccountRules: AccountRules = { insertAtCheckedVersion: true, userLineBy: 'epoch' };

interface AccountSession {
  readonly live: boolean;
  /** The credential version whose password let it in. */
  readonly version: number;
}

/** A refresh that was decided and whose access token is not signed yet: a slow node takes its time. */
interface Decided {
  readonly session: number;
  readonly epoch: number;
  readonly revocations: number;
}

/** An access token, and how many revocations of the user had been committed when it was decided. */
interface Minted extends Decided {
  readonly issuedAt: number;
}

/** One account, its sessions, sign-ins under way, and what verifiers know. */
export interface Account {
  readonly version: number;
  readonly epoch: number;
  readonly revocations: number;
  readonly sessions: readonly AccountSession[];
  /** Sign-ins whose password has been found right, by the version at which it was. */
  readonly checked: readonly number[];
  readonly decided: readonly Decided[];
  readonly tokens: readonly Minted[];
  /** The newest line of the feed for this user. */
  readonly line: { readonly epoch: number; readonly at: number } | undefined;
  /** Seconds; nodes read it one apart. */
  readonly time: number;
}

const mostSessions = 3;
const mostTokens = 2;
const mostRevocations = 2;
const latest = 2;

/**
 * Sign-ins that take their time between check and insert, password changes, sign-outs everywhere, and nodes that sign late
 * and by other clocks. Nothing may outlive a revocation: no session of an old password, no access token of an old epoch.
 */
export function accounts(rules: AccountRules = realAccountRules): Model<Account> {
  return {
    initial: {
      version: 0,
      epoch: 0,
      revocations: 0,
      sessions: [{ live: true, version: 0 }],
      checked: [],
      decided: [],
      tokens: [],
      line: undefined,
      time: 0,
    },
    textOf: (account) => JSON.stringify(account),
    moves: (account) => [
      ...signIns(account, rules),
      ...revocations(account),
      ...refreshes(account),
      ...(account.time < latest ? [move('a second passes', { ...account, time: account.time + 1 })] : []),
    ],
    judge: (account) => judge(account, rules),
  };
}

const move = (event: string, state: Account, sights: readonly string[] = []): Move<Account> => ({
  event,
  state,
  sights,
  broken: undefined,
});

/** The old password is known to somebody: it is right as long as it is the password. */
function signIns(account: Account, { insertAtCheckedVersion }: AccountRules): Move<Account>[] {
  const { version, sessions, checked } = account;
  const begins =
    version === 0 && checked.length < 2
      ? [move('a password is found right', { ...account, checked: [...checked, version] })]
      : [];
  const inserts = checked.map((at, which) => {
    const rest = { ...account, checked: checked.filter((_, place) => place !== which) };
    if ((insertAtCheckedVersion && at !== version) || sessions.length >= mostSessions) {
      return move('a sign-in finds its user changed', rest, ['sign-in refused']);
    }
    return move('a sign-in is inserted', { ...rest, sessions: [...sessions, { live: true, version: at }] }, [
      'signed in',
    ]);
  });
  return [...begins, ...inserts];
}

/** Whatever ends all sessions raises the epoch first, in one transaction with its line of the feed. */
function revocations(account: Account): Move<Account>[] {
  if (account.revocations >= mostRevocations) return [];
  const epoch = account.epoch + 1;
  const revoked = { ...account, epoch, revocations: account.revocations + 1, line: { epoch, at: account.time } };
  const ended = account.sessions.map((session) => ({ ...session, live: false }));
  const [own, ...others] = account.sessions;
  const changed = {
    ...revoked,
    version: account.version + 1,
    sessions: [...(own ? [own] : []), ...others.map(asEnded)],
  };
  return [
    move('everybody is signed out', { ...revoked, sessions: ended }, ['signed out everywhere']),
    ...(own?.live ? [move('the password is changed', changed, ['password changed'])] : []),
  ];
}

const asEnded = (session: AccountSession): AccountSession => ({ ...session, live: false });

/** A refresh reads the epoch in the statement that decides it; the token is signed later, by the node's own clock. */
function refreshes(account: Account): Move<Account>[] {
  const { sessions, decided, tokens, epoch, revocations: count, time } = account;
  const hasRoom = decided.length + tokens.length < mostTokens;
  const decisions = sessions.flatMap(({ live }, session) =>
    live && hasRoom
      ? [
          move('a refresh is decided', { ...account, decided: [...decided, { session, epoch, revocations: count }] }, [
            'refreshed',
          ]),
        ]
      : [],
  );
  const signings = decided.flatMap((one, which) =>
    [0, 1].map((ahead) =>
      move(`a token is signed by a clock ${ahead} s ahead`, {
        ...account,
        decided: decided.filter((_, place) => place !== which),
        tokens: [...tokens, { ...one, issuedAt: time + ahead }],
      }),
    ),
  );
  return [...decisions, ...signings];
}

function judge(account: Account, { userLineBy }: AccountRules): string | undefined {
  const { sessions, version, tokens, line, revocations: count } = account;
  // The session at which the password was changed goes on: its owner knew the new one.
  const others = sessions.slice(1);
  if (others.some((session) => session.live && session.version < version)) {
    return 'sign-out is final: a sign-in with the old password outlives its change';
  }
  if (!line) return undefined;
  const isRefused = ({ epoch, issuedAt }: Minted): boolean =>
    userLineBy === 'epoch' ? epoch < line.epoch : issuedAt < line.at;
  if (tokens.some((token) => token.revocations < count && !isRefused(token))) {
    return 'sign-out is final: an access token of before it is taken by a verifier that knows of it';
  }
  return tokens.some((token) => token.revocations === count && isRefused(token))
    ? 'no spurious sign-out: an access token of after a sign-out is refused'
    : undefined;
}
