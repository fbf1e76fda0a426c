import type { AnySessionError } from '../../packages/client/dist/index.js';

export type * from '../../packages/client/dist/index.js';

/** Nothing throws them here. */
export const isSessionError = (value: unknown): value is AnySessionError => value === null && false;
