export { type FixedClock, fixedClock } from './fixed-clock.js';
export { type MemoryStore, memoryStore } from '../stores/memory.js';
export { type Slowness, slowStore } from './slow-store.js';
export { type ContractHarness, storeContract } from './store-contract.js';
export {
  type ThrowawayOptions,
  type ThrowawayPostgres,
  type ThrowawayStandby,
  standbyOf,
  throwawayPostgres,
} from './throwaway-postgres.js';
