export { type FakeSession, type FakeSessionOptions, fakeSession } from './fake-session.js';
export { memoryLock } from './memory-lock.js';
export { type MemoryStorage, memoryStorage } from './memory-storage.js';
export { type PageLike, type Planted, type SignInAsOptions, signInAs } from './sign-in-as.js';
export { type SimulatedClock, simulatedClock } from './simulated-clock.js';
