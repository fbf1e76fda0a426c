import { latchkey } from '@latchkey/client';
import { simpleJwt } from '@latchkey/client/simple-jwt';
import { environment } from '../common/environment.js';

/** Whom to sign in to; an app has one of the two. */
export const backend = environment.ours
  ? latchkey()
  : simpleJwt({ signOutPath: '/api/token/blacklist/', userUrl: '/api/me/' });
