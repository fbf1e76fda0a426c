import { type AccountRules, accounts, realAccountRules } from './accounts.js';
import type { Model } from './explore.js';
import * as twist from './refreshing/mutants.js';
import { refreshing } from './refreshing/model.js';
import type { Rules } from './refreshing/rules.js';
import type { Scope } from './refreshing/world.js';
import { longScopes, shortScopes } from './scopes.js';

/** A rule that was changed to see that the properties notice. */
export interface Mutant {
  readonly name: string;
  /** Named by the protocol's own list, or one of ours. */
  readonly from: 'protocol' | 'ours';
  /** Where it is looked for. */
  readonly scope: string;
  readonly model: () => Model<unknown>;
}

const inScope = (name: string): Scope => {
  const scope = [...shortScopes, ...longScopes].find((one) => one.name === name);
  if (!scope) throw new RangeError(`There is no scope ${name}.`);
  return scope;
};

const mutant = (name: string, scope: string, rules: Rules): Omit<Mutant, 'from'> => ({
  name,
  scope,
  model: () => refreshing(inScope(scope), rules) as Model<unknown>,
});

const ofAccounts = (name: string, change: Partial<AccountRules>): Omit<Mutant, 'from'> => ({
  name,
  scope: 'accounts',
  model: () => accounts({ ...realAccountRules, ...change }) as Model<unknown>,
});

const listed = [
  mutant('strict rotation', 'two tabs', twist.strictRotation),
  mutant('chain length 0', 'two tabs', twist.noChain),
  mutant('accept a generation above the row', 'failover, thief', twist.acceptAbove),
  mutant('revoke on old', 'two tabs', twist.revokeOnOld),
  mutant('idempotency key from session id and generation', 'thief with storage', twist.guessableKey),
  mutant('idempotency key random per tab', 'two tabs', twist.keyOfEachTab),
  mutant('generations compared without epoch', 'another person, freeze', twist.generationWithoutEpoch),
  mutant('localStorage written outside the transaction', 'sign-out', twist.copyOutside),
  mutant('tombstone without session', 'another person', twist.tombstoneWithoutSession),
  ofAccounts('sign-in inserted without credential version', { insertAtCheckedVersion: false }),
  ofAccounts('user line of the feed by time', { userLineBy: 'time' }),
  mutant('sign-out by the current token alone', 'sign-out', twist.signOutByCurrentToken),
];

const ours = [
  mutant('revocation not looked at', 'sign-out', twist.deafToRevocation),
  mutant('rotation moves the absolute expiry', 'two tabs', twist.endlessSession),
  mutant('grace window for the previous token', 'thief with storage', twist.graceWindow),
  mutant('a late duplicate is given tokens', 'two tabs', twist.tokensForStale),
  mutant('key ids not compared', 'failover, keys', twist.blindToKeyIds),
  mutant('last writer wins', 'two tabs, late', twist.lastWriterWins),
  mutant('a refusal ends whatever is stored', 'another person, freeze', twist.refusalEndsAnything),
  mutant('sign-outs unheard are forgotten', 'sign-out', twist.forgetsSignOuts),
  mutant('a 409 ends the session', 'storage rolls back', twist.conflictEnds),
  mutant('no superseded tokens are kept', 'failover', twist.keepsNoTokens),
  mutant('final is not listened to', 'thief with storage', twist.deafToFinal),
  mutant('final is never said', 'thief with storage', twist.neverFinal),
  mutant('a late duplicate needs no proof', 'thief with storage', twist.staleWithoutProof),
  mutant('a successor is named a generation too low', 'two tabs', twist.misnamedGeneration),
  mutant('the time of a session is not looked at', 'time is over', twist.deafToExpiry),
  mutant('random keys are not written down', 'intents', twist.unwrittenIntents),
];

/** Every mutant: each must lead to a counterexample. */
export const mutants: readonly Mutant[] = [
  ...listed.map((one) => ({ ...one, from: 'protocol' as const })),
  ...ours.map((one) => ({ ...one, from: 'ours' as const })),
];
