/** The account that every demo starts with. Its password is public: a demo listens on loopback alone. */
export const demoUser = {
  username: 'demo',
  password: 'brass key under the mat',
  displayName: 'Demo Person',
} as const;
