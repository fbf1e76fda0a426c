/** A count of seconds since 1970-01-01T00:00:00Z, the "NumericDate" of RFC 7519 §2. May have a fraction. */
export type EpochSeconds = number & { readonly __unit: 'epoch-seconds' };

/** A duration in seconds. */
export type Seconds = number & { readonly __unit: 'seconds' };

/** Milliseconds: of a duration, or since 1970 where the name ends in `At`. What browsers' and Node's clocks count in. */
export type Milliseconds = number & { readonly __unit: 'milliseconds' };

/** Marks a number as seconds since 1970. No check: the caller knows the unit. */
export const epochSeconds = (value: number): EpochSeconds => value as EpochSeconds;

/** Marks a number as a duration in seconds. No check: the caller knows the unit. */
export const seconds = (value: number): Seconds => value as Seconds;

/** Marks a number as milliseconds. No check: the caller knows the unit. */
export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
