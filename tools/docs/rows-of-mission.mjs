/** The rows that are delivered, in a few words each. */
export const mission = {
  M1: 'Refresh on load',
  M2: 'A failed refresh keeps the old token',
  M3: 'One month by default',
  M4: 'Short tokens',
  M5: 'Tokens read right',
  M6: 'The token goes to the API and nowhere else',
  M7: 'Requests that go without a token',
  M8: 'localStorage, shared by all tabs',
  M9: 'The 5 MB limit',
  M10: 'No cookies',
  M11: 'HTTPS always',
  M12: 'Nothing secret in a URL',
  M13: 'The backend',
  M14: 'Angular',
  B4: 'It says why',
};
