export { type Verified, type VerifiedClaims, type Verifier, createVerifier } from './create-verifier.js';
export { type VerifierOptions } from './options.js';
export { type Clock } from './ports.js';
export { type VerifiableRequest } from './request-parts.js';
export { type RefusalReason, VerifyError, type VerifyErrorCode } from './verify-error.js';
