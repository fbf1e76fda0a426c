import type { IconName } from '../ui/icon.js';

/** A device as people know it. */
export interface DeviceName {
  readonly name: string;
  readonly icon: IconName;
}

const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];
/** In this order: most browsers also claim to be those that follow. */
const browsers: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/Edg/, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
];

/** Reads a browser's user agent, well enough to recognise one's own devices by. */
export function describeDevice(userAgent: string): DeviceName {
  const find = (list: typeof systems): string | undefined => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  const [browser, system] = [find(browsers) ?? 'Unknown browser', find(systems)];
  const mobile = system === 'iPhone' || system === 'Android';
  return { name: system ? `${browser} on ${system}` : browser, icon: mobile ? 'phone' : 'laptop' };
}
