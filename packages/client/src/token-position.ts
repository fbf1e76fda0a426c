import type { Backend, TokenPosition } from './ports.js';

/** What a refresh token says of its session; nothing where there is no token, or the backend's says nothing. */
export function positionOf(backend: Backend, refreshToken: string | undefined): Partial<TokenPosition> {
  return (refreshToken === undefined ? undefined : backend.position?.(refreshToken)) ?? {};
}
