import { describe, expect, it } from 'vitest';
import { isSecretParameter, secretParameters } from './secret-parameters.js';

describe('isSecretParameter', () => {
  it.each([...secretParameters, 'PASSWORD', 'Access-Token', 'API-KEY', 'client-Secret'])('knows %s', (name) => {
    expect(isSecretParameter(name)).toBe(true);
  });

  it.each(['page_token', 'tokens', 'token_type', 'q', '', 'passwords', 'accessible', 'toString'])(
    'lets %s pass',
    (name) => {
      expect(isSecretParameter(name)).toBe(false);
    },
  );

  it('goes by the list that it is given', () => {
    expect(isSecretParameter('token', ['pin'])).toBe(false);
    expect(isSecretParameter('Pin', ['pin'])).toBe(true);
  });
});
