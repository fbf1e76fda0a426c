import { type IncomingMessage, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, parseChallenges, saysInvalidToken } from '@latchkey/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Verifier, VerifyError, createVerifier } from './index.js';
import { type TestIssuer, makeKey, startIssuer } from './issuer.fixture.js';

let issuer: TestIssuer;
let verifier: Verifier;

beforeEach(async () => {
  issuer = await startIssuer();
  verifier = createVerifier({ issuer: issuer.url, clock: issuer.clock });
});
afterEach(() => issuer.stop());

const bearing = (token: string): Request =>
  new Request('https://api.example.com/v1/things', { headers: { authorization: `Bearer ${token}` } });

async function refusalOf(verifying: Promise<unknown>): Promise<VerifyError> {
  const error: unknown = await verifying.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VerifyError)) throw new Error('It was not refused.', { cause: error });
  return error;
}

describe('what is verified', () => {
  it('takes a Request, and gives typed claims, user and session', async () => {
    const verified = await verifier.verify<{ role: 'admin' | 'reader' }>(bearing(issuer.token({ role: 'admin' })));
    const role: 'admin' | 'reader' = verified.claims.role;
    expect([role, verified.subject, verified.sessionId]).toEqual(['admin', 'u1', 's1']);
  });

  it.each(['authorization', 'Authorization', 'AUTHORIZATION'])('takes an object with the header %s', async (name) => {
    const headers = { [name]: `Bearer ${issuer.token()}`, accept: '*/*' };
    expect((await verifier.verify({ headers, url: '/' })).subject).toBe('u1');
  });

  it('takes a node request, and sees a second Authorization field that Node hides (D2)', async () => {
    const outcomes: unknown[] = [];
    const api = createServer((request, response) => {
      void verifier
        .verify(request)
        .then(
          ({ subject }) => outcomes.push(subject),
          (error: unknown) => outcomes.push(error instanceof VerifyError ? [error.status, error.code] : error),
        )
        .finally(() => response.end());
    });
    await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
    const { port } = api.address() as AddressInfo;
    const token = `Bearer ${issuer.token()}`;
    for (const fields of [[token], [token, token], [token, 'Basic eA=='], []]) {
      const headers = ['host', 'api', ...fields.flatMap((field) => ['authorization', field])];
      const answer = await new Promise<IncomingMessage>((answered, failed) => {
        httpRequest({ port, host: '127.0.0.1', headers }, answered).on('error', failed).end();
      });
      answer.resume();
    }
    api.close();
    expect(outcomes).toEqual(['u1', [400, 'invalid_request'], [400, 'invalid_request'], [401, 'missing_token']]);
  });

  it('takes two fields that a runtime has joined for two (D2)', async () => {
    const request = bearing(issuer.token());
    request.headers.append('authorization', `Bearer ${issuer.token()}`);
    expect((await refusalOf(verifier.verify(request))).status).toBe(400);
  });

  it('does not look at cookies', async () => {
    const headers = { cookie: `access_token=${issuer.token()}; authorization=Bearer ${issuer.token()}` };
    expect((await refusalOf(verifier.verify({ headers, url: '/' }))).code).toBe('missing_token');
  });
});

describe('answers', () => {
  it('challenge without a code when no credentials came', async () => {
    for (const headers of [{}, { authorization: 'Basic eA==' }]) {
      const response = (await refusalOf(verifier.verify({ headers, url: '/' }))).toResponse();
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(saysInvalidToken(response.headers.get('www-authenticate'))).toBe(false);
    }
  });

  it('say invalid_token, in the way that the client understands, for a bad token', async () => {
    const error = await refusalOf(verifier.verify(bearing('a.b.c')));
    const response = error.toResponse();
    expect(response.status).toBe(401);
    expect(saysInvalidToken(response.headers.get('www-authenticate'))).toBe(true);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ error: 'invalid_token', error_description: expect.any(String) });
    expect([response.status, error.body]).toEqual([error.status, await error.toResponse().text()]);
  });

  it('say 400 invalid_request for a secret in the URL, and repeat nothing of it', async () => {
    const token = issuer.token();
    for (const url of [`/v1?access_token=${token}`, `/v1?Refresh-Token=s3cr3t`, `/v1?q=${token}`]) {
      const error = await refusalOf(verifier.verify({ headers: { authorization: `Bearer ${token}` }, url }));
      expect([error.status, error.code]).toEqual([400, 'invalid_request']);
      const [challenge] = parseChallenges(error.headers['WWW-Authenticate'] ?? '');
      expect(challenge?.parameters['error']).toBe('invalid_request');
      const said = JSON.stringify([error, error.message, error.stack, error.body]);
      expect(said).not.toContain('s3cr3t');
      expect(said).not.toContain(token);
    }
  });

  it('carry no part of the token that they refuse', async () => {
    const token = issuer.token({ aud: 'https://other.example' });
    const error = await refusalOf(verifier.verify(bearing(token)));
    const said = JSON.stringify([error, error.message, error.body, error.headers, error.cause]);
    for (const part of token.split('.')) expect(said).not.toContain(part);
    expect(said).not.toContain('other.example');
    expect(error.message).toContain('wrong_audience');
    expect(error.body).not.toContain('wrong_audience');
  });

  it('let an API have parameters of its own', async () => {
    const lenient = createVerifier({ issuer: issuer.url, clock: issuer.clock, secretParameters: ['pin'] });
    const headers = { authorization: `Bearer ${issuer.token()}` };
    expect((await lenient.verify({ headers, url: '/invitation?token=abc' })).subject).toBe('u1');
    expect((await refusalOf(lenient.verify({ headers, url: '/?pin=1' }))).status).toBe(400);
  });
});

describe('a recent sign-in', () => {
  it('is asked for with a challenge of its own when it is too long ago or not said', async () => {
    issuer.clock.seconds += 10_000;
    const signedIn = (ago: unknown): Promise<{ requireRecentAuth(seconds: number): void }> => {
      const at = typeof ago === 'number' ? issuer.clock.seconds - ago : ago;
      return verifier.verify(bearing(issuer.token({ auth_time: at })));
    };
    for (const ago of [0, 300, 305]) {
      const verified = await signedIn(ago);
      expect(() => verified.requireRecentAuth(300)).not.toThrow();
    }
    for (const ago of [306, 9_000, undefined, '1800000000', null]) {
      const verified = await signedIn(ago);
      const error = await refusalOf(Promise.resolve().then(() => verified.requireRecentAuth(300)));
      expect([error.status, error.code]).toEqual([401, 'insufficient_user_authentication']);
      const [challenge] = parseChallenges(error.headers['WWW-Authenticate'] ?? '');
      expect(challenge?.parameters).toMatchObject({ error: 'insufficient_user_authentication', max_age: '300' });
      expect(saysInvalidToken(error.headers['WWW-Authenticate'])).toBe(false);
    }
  });
});

describe("the issuer's keys", () => {
  it('are fetched once for many requests at once, and not before the first', async () => {
    expect(issuer.asked).toEqual([]);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => verifier.verify(bearing(issuer.token({ jti: `j${index}` })))),
    );
    expect(issuer.asked).toEqual(['/.well-known/jwks.json']);
  });

  it('that cannot be had make 503, never 401, and are asked for again after 5 s', async () => {
    issuer.status = 500;
    for (let request = 0; request < 10; request++) {
      const error = await refusalOf(verifier.verify(bearing(issuer.token())));
      expect([error.status, error.code, error.headers['Retry-After']]).toEqual([503, 'temporarily_unavailable', '5']);
      expect(error.headers['WWW-Authenticate']).toBeUndefined();
    }
    expect(issuer.asked).toHaveLength(1);
    issuer.status = 200;
    issuer.clock.seconds += 5;
    expect((await verifier.verify(bearing(issuer.token()))).subject).toBe('u1');
  });

  it('make 503 when nobody listens there', async () => {
    const gone = await startIssuer();
    await gone.stop();
    const lonely = createVerifier({ issuer: gone.url, clock: issuer.clock });
    const error = await refusalOf(lonely.verify(bearing(gone.token())));
    expect(error.status).toBe(503);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('are used for a day while the issuer is down, then 503', async () => {
    await verifier.verify(bearing(issuer.token()));
    issuer.status = 503;
    issuer.clock.seconds += 23 * 3600;
    expect((await verifier.verify(bearing(issuer.token()))).subject).toBe('u1');
    issuer.clock.seconds += 3600;
    expect((await refusalOf(verifier.verify(bearing(issuer.token())))).status).toBe(503);
  });

  it('are fetched again for a key id that is new, at most every 30 s', async () => {
    await verifier.verify(bearing(issuer.token()));
    for (let request = 0; request < 20; request++) {
      const error = await refusalOf(verifier.verify(bearing(issuer.token({}, { kid: `made-up-${request}` }))));
      expect(error.reason).toBe('unknown_key');
    }
    expect(issuer.asked).toHaveLength(1);
    const next = makeKey('k2');
    issuer.jwks = [issuer.key.jwk, next.jwk];
    issuer.clock.seconds += 30;
    expect((await verifier.verify(bearing(issuer.token({}, {}, next)))).subject).toBe('u1');
    expect((await verifier.verify(bearing(issuer.token()))).subject).toBe('u1');
    expect(issuer.asked).toHaveLength(2);
  });

  it('make 503 of a new key id while the issuer is down: nobody can say that it is bad', async () => {
    await verifier.verify(bearing(issuer.token()));
    issuer.status = 500;
    issuer.clock.seconds += 60;
    const next = makeKey('k2');
    expect((await refusalOf(verifier.verify(bearing(issuer.token({}, {}, next))))).status).toBe(503);
    expect((await verifier.verify(bearing(issuer.token()))).subject).toBe('u1');
  });

  it('that were withdrawn stop counting, also for a token that was good before', async () => {
    const token = issuer.token({ exp: issuer.clock.seconds + 7_200 });
    await verifier.verify(bearing(token));
    issuer.jwks = [makeKey('k2').jwk];
    issuer.clock.seconds += 601;
    await verifier.verify(bearing(token));
    await expect
      .poll(async () =>
        verifier.verify(bearing(token)).then(
          () => 'good',
          (error: unknown) => (error instanceof VerifyError ? error.reason : error),
        ),
      )
      .toBe('unknown_key');
  });

  it('that were exchanged under the same id count as withdrawn', async () => {
    const token = issuer.token({ exp: issuer.clock.seconds + 7_200 });
    await verifier.verify(bearing(token));
    issuer.jwks = [makeKey('k1').jwk];
    issuer.clock.seconds += 601;
    await verifier.verify(bearing(token));
    const reason = (): Promise<unknown> =>
      verifier.verify(bearing(token)).then(
        () => 'good',
        (error: unknown) => (error instanceof VerifyError ? error.reason : error),
      );
    await expect.poll(reason).toBe('bad_signature');
  });

  it('of a set with members that are no keys of ours are used all the same', async () => {
    const offCurve = { ...issuer.key.jwk, kid: 'k0', x: issuer.key.jwk['y'], y: issuer.key.jwk['x'] };
    issuer.jwks = [{ kty: 'RSA', kid: 'r' }, {}, offCurve, { ...issuer.key.jwk, kid: 7 }, issuer.key.jwk];
    expect((await verifier.verify(bearing(issuer.token()))).subject).toBe('u1');
  });

  it('are not looked for where a redirect leads', async () => {
    const elsewhere = createServer((_, response) => response.writeHead(302, { location: `${issuer.url}/keys` }).end());
    await new Promise<void>((listening) => elsewhere.listen(0, '127.0.0.1', listening));
    const jwksUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    const redirected = createVerifier({ issuer: issuer.url, jwksUrl, clock: issuer.clock });
    expect((await refusalOf(redirected.verify(bearing(issuer.token())))).status).toBe(503);
    expect(issuer.asked).toEqual([]);
    elsewhere.close();
  });
});

describe('a token that comes again', () => {
  it('expires all the same', async () => {
    const token = issuer.token();
    for (const seconds of [0, 450, 904]) {
      issuer.clock.seconds = 1_800_000_000 + seconds;
      expect((await verifier.verify(bearing(token))).subject).toBe('u1');
    }
    issuer.clock.seconds = 1_800_000_905;
    expect((await refusalOf(verifier.verify(bearing(token)))).reason).toBe('expired');
    issuer.clock.seconds = 1_799_999_994;
    expect((await refusalOf(verifier.verify(bearing(token)))).reason).toBe('not_yet_valid');
  });

  it('brings claims that nobody has changed meanwhile', async () => {
    const token = issuer.token({ app: { roles: ['reader'] } });
    const { claims } = await verifier.verify<{ app: { roles: string[] } }>(bearing(token));
    expect(() => claims.app.roles.push('admin')).toThrow(TypeError);
    expect(Object.isFrozen(claims)).toBe(true);
  });
});

describe('options', () => {
  it.each([
    ['an issuer that is no URL', { issuer: 'auth' }, 'issuer is "auth"'],
    ['an empty audience', { issuer: 'https://a.example', audience: '' }, 'audience is ""'],
    [
      'a tolerance above a minute',
      { issuer: 'https://a.example', clockToleranceSeconds: 61 },
      'clockToleranceSeconds is 61',
    ],
    ['a negative tolerance', { issuer: 'https://a.example', clockToleranceSeconds: -1 }, 'clockToleranceSeconds is -1'],
    [
      'a tolerance that is no number',
      { issuer: 'https://a.example', clockToleranceSeconds: Number.NaN },
      'clockToleranceSeconds',
    ],
    ['keys over http', { issuer: 'http://a.example' }, 'allowHttp'],
    ['keys from a host that looks like this machine', { issuer: 'http://127.0.0.1.evil.example' }, 'jwksUrl'],
    ['keys from a file', { issuer: 'https://a.example', jwksUrl: 'file:///etc/keys' }, 'jwksUrl is "file:///etc/keys"'],
  ])('refuse %s, naming the option', (_, options, named) => {
    expect(() => createVerifier(options)).toThrow(ConfigError);
    expect(() => createVerifier(options)).toThrow(named);
  });

  it('allow http to this machine, and elsewhere where it is said to be alone', () => {
    for (const issuer of ['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1', 'https://a.example/auth/']) {
      expect(() => createVerifier({ issuer })).not.toThrow();
    }
    expect(() => createVerifier({ issuer: 'http://auth', allowHttp: true })).not.toThrow();
  });

  it('take an audience of its own', async () => {
    const api = createVerifier({ issuer: issuer.url, audience: 'orders', clock: issuer.clock });
    expect((await api.verify(bearing(issuer.token({ aud: 'orders' })))).subject).toBe('u1');
    expect((await refusalOf(api.verify(bearing(issuer.token())))).reason).toBe('wrong_audience');
  });
});
