export {
  type AccessTokenClaims,
  type ClaimsVerdict,
  type DecodedToken,
  type ExpectedClaims,
  checkClaims,
  decodeAccessToken,
} from './access-token-claims.js';
export { decodeBase64Url, decodeUtf8, encodeBase64Url } from './base64url.js';
export { type Challenge, formatChallenge, parseChallenges, saysInvalidToken } from './challenge.js';
export {
  type AnySessionError,
  type ErrorCodes,
  ConfigError,
  ProtocolError,
  RequestRefusedError,
  SessionError,
  SignedOutError,
  TransientError,
  isSessionError,
} from './errors.js';
export {
  type DecodedRefreshToken,
  type RefreshTokenParts,
  decodeRefreshToken,
  encodeRefreshToken,
  encodeRefreshTokenPayload,
} from './refresh-token.js';
export { isSecretParameter, secretParameters } from './secret-parameters.js';
export { isObject, parseStrictObject } from './strict-json.js';
export { type EpochSeconds, type Milliseconds, type Seconds, epochSeconds, milliseconds, seconds } from './time.js';
export {
  type ErrorBody,
  type SessionBody,
  type TokenFields,
  type TokenSet,
  type User,
  formatSessionBody,
  oauthFields,
  parseErrorBody,
  parseTokenResponse,
  parseUser,
  sessionFields,
} from './token-response.js';
