const day = 86_400;

/** The two sets of lifetimes. @see NIST SP 800-63B-4 §2.2.3 for the second */
export const presets = {
  everyday: { accessSeconds: 900, idleSeconds: 30 * day, absoluteSeconds: 365 * day, idleCountedFrom: 'refresh' },
  bank: { accessSeconds: 300, idleSeconds: 900, absoluteSeconds: 43_200, idleCountedFrom: 'activity' },
} as const;
