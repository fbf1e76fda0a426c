export { type FixedClock, fixedClock } from './fixed-clock.js';
export { type MemoryStore, memoryStore } from '../stores/memory.js';
export { type ContractHarness, storeContract } from './store-contract.js';
