export { type RefreshMargin, marginOf } from './refresh-schedule.js';
export type { RefreshVerdict, TransientVerdict } from './refresh-verdict.js';
export {
  type ChangeOutcome,
  type Expected,
  type IssuedTokens,
  type RecordChange,
  type SessionRecord,
  type SignedOutReason,
  type StoredSession,
  type SupersededToken,
  type Tier,
  applyChange,
} from './session-record.js';
export { initialState, transition } from './session-machine.js';
export type {
  Cause,
  Context,
  Effect,
  Failure,
  Flight,
  MachineSettings,
  Moment,
  SessionInput,
  SessionState,
  Step,
  Waiter,
} from './session-state.js';
