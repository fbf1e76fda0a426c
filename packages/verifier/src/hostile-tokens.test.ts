import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Verified, type Verifier, VerifyError, createVerifier } from './index.js';
import { type TestIssuer, encode, hmac, makeKey, signText, startIssuer } from './issuer.fixture.js';

/** The rows J1–J16 and J18 of the security table: what is thrown at an API instead of a token. */

let issuer: TestIssuer;
let verifier: Verifier;

beforeAll(async () => {
  issuer = await startIssuer();
});
beforeEach(() => {
  issuer.asked.length = 0;
  verifier = createVerifier({ issuer: issuer.url, clock: issuer.clock });
});
afterAll(() => issuer.stop());

const verify = (token: string): Promise<Verified> =>
  verifier.verify({ headers: { authorization: `Bearer ${token}` }, url: '/v1/things' });

async function refusal(token: string): Promise<VerifyError> {
  const error = await verify(token).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VerifyError)) throw new Error('The token was not refused.', { cause: error });
  expect([error.status, error.code]).toEqual([401, 'invalid_token']);
  expect(error.headers['WWW-Authenticate']).toContain('error="invalid_token"');
  return error;
}

const tokenWithHeader = (header: Record<string, unknown> | string): string => issuer.token({}, header);
const tokenWithClaims = (claims: Record<string, unknown> | string): string => issuer.token(claims);
/** The good claims as JSON text with something more at the end. */
const claimsText = (more: string): string => `${JSON.stringify(issuer.claims()).slice(0, -1)},${more}}`;

describe('a good token', () => {
  it('is accepted, so that what follows is refused for its own reason', async () => {
    expect((await verify(issuer.token())).subject).toBe('u1');
  });
});

describe('J1: alg none, in any spelling', () => {
  it.each([['none'], ['nOnE'], ['NONE'], [''], [['ES256']], [['none', 'ES256']], [null], [undefined], ['es256']])(
    'J1: refuses alg %j',
    async (alg) => {
      expect((await refusal(tokenWithHeader({ alg }))).reason).toBe('wrong_header');
    },
  );

  it('J1: refuses alg none without a signature', async () => {
    const unsigned = `${encode({ alg: 'none', typ: 'at+jwt', kid: 'k1' })}.${encode(issuer.claims())}.`;
    expect((await refusal(unsigned)).reason).toBe('wrong_header');
  });
});

describe('J2: the public key as HMAC secret', () => {
  it('J2: refuses HS256 over every form that the public key has', async () => {
    const text = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' })}.${encode(issuer.claims())}`;
    const { x, y } = issuer.key.jwk as { x: string; y: string };
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    for (const secret of [JSON.stringify(issuer.key.jwk), x, point, '']) {
      expect((await refusal(`${text}.${hmac(text, secret)}`)).reason).toBe('wrong_header');
    }
  });
});

describe("J3: alg differs from the key's", () => {
  it.each(['ES384', 'ES512', 'ES256K', 'RS256', 'PS256', 'EdDSA', 'HS512'])('J3: refuses %s', async (alg) => {
    expect((await refusal(tokenWithHeader({ alg }))).reason).toBe('wrong_header');
  });

  it('J3: does not use a key of the set that says another algorithm or use, or is of another kind', async () => {
    const others = {
      k2: { alg: 'ES384' },
      k3: { use: 'enc' },
      k4: { kty: 'oct', k: 'c2VjcmV0' },
      k5: { crv: 'P-384' },
    };
    const own = Object.entries(others).map(([kid, change]) => ({ ...issuer.key.jwk, kid, ...change }));
    issuer.jwks = [...own, issuer.key.jwk];
    for (const kid of Object.keys(others)) {
      expect((await refusal(tokenWithHeader({ kid }))).reason).toBe('unknown_key');
    }
    issuer.jwks = [issuer.key.jwk];
  });
});

describe('J4: a key id that looks for trouble', () => {
  it.each([['../../dev/null'], ["' OR 1=1--"], ['__proto__'], ['constructor'], ['toString'], ['file:///etc/passwd']])(
    'J4: refuses kid %j, looked up in a map and nowhere else',
    async (kid) => {
      expect((await refusal(tokenWithHeader({ kid }))).reason).toBe('unknown_key');
      expect(issuer.asked).toEqual(['/.well-known/jwks.json']);
    },
  );

  it.each([['x'.repeat(5_000)], [''], [1], [null], [undefined], [['k1']], [{ kid: 'k1' }]])(
    'J4: refuses kid %j without looking it up',
    async (kid) => {
      expect((await refusal(tokenWithHeader({ kid }))).reason).toBe('wrong_header');
      expect(issuer.asked).toEqual([]);
    },
  );

  it('J4: refuses a kid of 10 kB before anything is decoded', async () => {
    expect((await refusal(tokenWithHeader({ kid: 'x'.repeat(10_000) }))).reason).toBe('too_long');
  });
});

describe('J5: a token that brings its own key', () => {
  it.each([
    ['jku', () => `${issuer.url}/evil.json`],
    ['x5u', () => `${issuer.url}/evil.pem`],
    ['jwk', () => makeKey('k1').jwk],
    ['x5c', () => ['MIIB']],
    ['x5t', () => 'abc'],
  ])('J5: refuses %s, and asks nobody', async (name, value) => {
    expect((await refusal(tokenWithHeader({ [name]: value() }))).reason).toBe('wrong_header');
    expect(issuer.asked).toEqual([]);
  });

  it("J5: refuses an embedded key's own signature", async () => {
    const thief = makeKey('k1');
    expect((await refusal(issuer.token({}, { jwk: thief.jwk }, thief))).reason).toBe('wrong_header');
    expect((await refusal(issuer.token({}, {}, thief))).reason).toBe('bad_signature');
  });
});

describe('J6: extensions that must be understood', () => {
  it.each([[{ crit: ['exp'] }], [{ crit: [] }], [{ crit: ['b64'], b64: false }], [{ b64: false }], [{ zip: 'DEF' }]])(
    'J6: refuses %j',
    async (header) => {
      expect((await refusal(tokenWithHeader(header))).reason).toBe('wrong_header');
    },
  );
});

describe('J7: a token of 1 MB', () => {
  it('J7: refuses it before any key is looked up', async () => {
    const long = tokenWithClaims({ padding: 'x'.repeat(1_000_000) });
    expect((await refusal(long)).reason).toBe('too_long');
    expect(issuer.asked).toEqual([]);
  });

  it('J7: takes one of 8,192 characters and none of more', async () => {
    const room = 8_192 - tokenWithClaims({ padding: '' }).length;
    const longest = tokenWithClaims({ padding: 'x'.repeat(Math.floor((room * 3) / 4)) });
    expect(longest.length).toBeLessThanOrEqual(8_192);
    expect((await verify(longest)).subject).toBe('u1');
    expect((await refusal(tokenWithClaims({ padding: 'x'.repeat(room) }))).reason).toBe('too_long');
  });
});

describe('J8: members that stand twice', () => {
  it.each(['"sub":"admin"', '"exp":9999999999', String.raw`"s\u0075b":"admin"`])(
    'J8: refuses claims with %s again',
    async (more) => {
      expect((await refusal(tokenWithClaims(claimsText(more)))).reason).toBe('malformed');
    },
  );

  it('J8: refuses a header with alg twice', async () => {
    expect((await refusal(tokenWithHeader('{"alg":"none","typ":"at+jwt","kid":"k1","alg":"ES256"}'))).reason).toBe(
      'malformed',
    );
  });
});

describe('J9: a token of another kind', () => {
  it.each([['JWT'], ['dpop+jwt'], ['jwt'], ['AT+JWT;x'], [undefined], [null], [['at+jwt']], ['']])(
    'J9: refuses typ %j',
    async (typ) => {
      expect((await refusal(tokenWithHeader({ typ }))).reason).toBe('wrong_header');
    },
  );

  it('J9: accepts the long form of the media type', async () => {
    expect((await verify(tokenWithHeader({ typ: 'application/at+jwt' }))).subject).toBe('u1');
  });

  it('R9: refuses a refresh token as access token', async () => {
    expect((await refusal(`lk1_${'A'.repeat(71)}.${'A'.repeat(22)}`)).reason).toBe('malformed');
  });
});

describe('J10: the audience', () => {
  it('J10: refuses a token for another API, and one for none', async () => {
    for (const aud of ['https://other.example', `${issuer.url}/`, issuer.url.slice(0, -1), '', [], undefined]) {
      expect((await refusal(tokenWithClaims({ aud }))).reason).toBe('wrong_audience');
    }
  });

  it('J10: refuses an audience that is an object or a number', async () => {
    for (const aud of [{ [issuer.url]: true }, 1, [issuer.url, 1], [[issuer.url]]]) {
      expect((await refusal(tokenWithClaims({ aud }))).reason).toBe('malformed_claim');
    }
  });

  it('J10: accepts a list with us in it', async () => {
    expect((await verify(tokenWithClaims({ aud: ['https://other.example', issuer.url] }))).subject).toBe('u1');
  });
});

describe('J11: the issuer', () => {
  it('J11: refuses one that differs by case, slash, port, or is missing', async () => {
    for (const iss of [issuer.url.toUpperCase(), `${issuer.url}/`, `${issuer.url}0`, 'https://evil.example']) {
      expect((await refusal(tokenWithClaims({ iss }))).reason).toBe('wrong_issuer');
    }
    expect((await refusal(tokenWithClaims({ iss: undefined }))).reason).toBe('missing_claim');
    expect((await refusal(tokenWithClaims({ iss: [issuer.url] }))).reason).toBe('malformed_claim');
  });
});

describe('J12: the expiry', () => {
  it.each(['"1800009999"', 'null', 'true', '[1800009999]', '1e400', '-1', '{}'])('J12: refuses exp %s', async (exp) => {
    const claims = JSON.stringify(issuer.claims({ exp: 0 })).replace('"exp":0', `"exp":${exp}`);
    expect((await refusal(tokenWithClaims(claims))).reason).toBe('malformed_claim');
  });

  it('J12: refuses a token without exp, without iat, without sub', async () => {
    for (const name of ['exp', 'iat', 'sub']) {
      expect((await refusal(tokenWithClaims({ [name]: undefined }))).reason).toBe('missing_claim');
    }
  });

  it('J12: refuses one that has expired, and says that much', async () => {
    const error = await refusal(tokenWithClaims({ exp: issuer.clock.seconds - 5 }));
    expect(error.reason).toBe('expired');
    expect(error.headers['WWW-Authenticate']).toContain('has expired');
  });
});

describe('J13: the time before which a token is not good', () => {
  it('J13: refuses nbf and iat beyond the tolerance, accepts them within', async () => {
    const now = issuer.clock.seconds;
    expect((await refusal(tokenWithClaims({ nbf: now + 6 }))).reason).toBe('not_yet_valid');
    expect((await refusal(tokenWithClaims({ iat: now + 6 }))).reason).toBe('not_yet_valid');
    expect((await verify(tokenWithClaims({ nbf: now + 5, iat: now + 5 }))).subject).toBe('u1');
    expect((await refusal(tokenWithClaims({ nbf: String(now) }))).reason).toBe('malformed_claim');
  });
});

describe('J14: text that is none', () => {
  it('J14: refuses invalid UTF-8 in the claims', async () => {
    const [head = ''] = issuer.token().split('.');
    const claims = Buffer.from(JSON.stringify(issuer.claims({ sub: 'u?' })));
    claims[claims.indexOf('u?') + 1] = 0xff;
    const text = `${head}.${claims.toString('base64url')}`;
    expect((await refusal(`${text}.${signText(text, issuer.key).toString('base64url')}`)).reason).toBe('malformed');
  });

  it('J14: refuses a lone surrogate in sub', async () => {
    const claims = JSON.stringify(issuer.claims({ sub: 'SUB' })).replace('SUB', String.raw`\ud800`);
    expect((await refusal(tokenWithClaims(claims))).reason).toBe('malformed_claim');
  });
});

describe('J15: a claim __proto__', () => {
  it('J15: is ignored at any depth, and pollutes nothing', async () => {
    const more = String.raw`"__proto__":{"admin":true},"app":{"\u005f_proto__":{"admin":true},"role":"reader"}`;
    const { claims } = await verify(tokenWithClaims(claimsText(more)));
    expect(claims['app']).toEqual({ role: 'reader' });
    expect(claims['admin']).toBeUndefined();
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

describe('J16: other spellings of a token', () => {
  const spellings: [string, (parts: string[], token: string) => string][] = [
    ['a space inside', ([head, claims, signature]) => `${head} .${claims}.${signature}`],
    ['a tab behind', (_, token) => `${token}\t`],
    ['a word behind', (_, token) => `${token} x`],
    ['padding', (_, token) => `${token}==`],
    ['padding inside', ([head, claims, signature]) => `${head}=.${claims}.${signature}`],
    ['plain base64', ([head, claims, signature]) => `${head}.${claims}.+/${signature?.slice(2)}`],
    ['stray trailing bits', ([head, claims, signature = '']) => `${head}.${claims}.${withStrayBits(signature)}`],
    [
      'JSON serialisation',
      ([head, claims, signature]) =>
        JSON.stringify({ protected: head, payload: claims, signature }).replaceAll(',', ' '),
    ],
    ['two parts', ([head, claims]) => `${head}.${claims}`],
    ['four parts', (_, token) => `${token}.${token.split('.')[2]}`],
    ['five parts, as a JWE has', (_, token) => `${token}.AA.AA`],
    ['an empty part', ([head, , signature]) => `${head}..${signature}`],
  ];

  it.each(spellings)('J16: refuses %s', async (_, respell) => {
    const good = issuer.token();
    const token = respell(good.split('.'), good);
    expect(token).not.toBe(good);
    expect(['malformed', 'bad_signature']).toContain((await refusal(token)).reason);
  });

  it('J16: refuses padding and stray bits in the claims, though the signature covers them', async () => {
    const [head] = issuer.token().split('.');
    const claims = [` ${encode(issuer.claims())}`, `${encode(issuer.claims())}=`, withStrayBits(encode('{"a":"bcd"}'))];
    for (const text of claims.map((payload) => `${head}.${payload}`)) {
      const token = `${text}.${signText(text, issuer.key).toString('base64url')}`;
      expect((await refusal(token)).reason).toBe('malformed');
    }
  });

  /** 64 bytes end in a letter of which two bits count for nothing: one more is another spelling of the same bytes. */
  function withStrayBits(signature: string): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const respelt = signature.slice(0, -1) + letters.charAt(letters.indexOf(signature.slice(-1)) + 1);
    expect(Buffer.from(respelt, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    return respelt;
  }
});

describe('J17: the twin of a signature (what there is of it without the feed)', () => {
  it('J17: has the same session and token id, the names that a revocation goes by', async () => {
    const good = issuer.token();
    const [head = '', claims = '', signature = ''] = good.split('.');
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const bytes = Buffer.from(signature, 'base64url');
    const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex');
    const twin = `${head}.${claims}.${bytes.toString('base64url')}`;
    expect(twin).not.toBe(good);
    const [first, second] = [await verify(good), await verify(twin)];
    expect([second.sessionId, second.claims.jti]).toEqual([first.sessionId, first.claims.jti]);
  });
});

describe('J18: signatures and payloads that are none', () => {
  const text = (token: string): string => token.slice(0, token.lastIndexOf('.'));

  it('J18: refuses a signature of zeros, a short one, a long one, none', async () => {
    const signed = text(issuer.token());
    const good = signText(signed, issuer.key);
    const bad = [
      Buffer.alloc(64),
      good.subarray(0, 63),
      Buffer.concat([good, good]),
      Buffer.alloc(0),
      Buffer.alloc(64, 255),
    ];
    for (const signature of bad) {
      expect((await refusal(`${signed}.${signature.toString('base64url')}`)).reason).toBe('bad_signature');
    }
  });

  it('J18: refuses DER', async () => {
    const signed = text(issuer.token());
    const der = signText(signed, issuer.key, 'der');
    expect((await refusal(`${signed}.${der.toString('base64url')}`)).reason).toBe('bad_signature');
  });

  it('J18: refuses a changed claim, a changed header, and the signature of another token', async () => {
    const [head, claims, signature] = issuer.token().split('.');
    const admin = encode(issuer.claims({ sub: 'admin' }));
    const otherHead = encode({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', extra: 1 });
    expect((await refusal(`${head}.${admin}.${signature}`)).reason).toBe('bad_signature');
    expect((await refusal(`${otherHead}.${claims}.${signature}`)).reason).toBe('bad_signature');
  });

  it('J18: refuses a payload nested 10,000 deep, and one that is no object', async () => {
    const deep = '['.repeat(2_000) + ']'.repeat(2_000);
    for (const payload of [claimsText(`"x":${deep}`), '[]', '"x"', '1', 'null', '', '{']) {
      expect((await refusal(tokenWithClaims(payload))).reason).toBe('malformed');
    }
    const deeper = '['.repeat(10_000) + ']'.repeat(10_000);
    expect((await refusal(tokenWithClaims(deeper))).reason).toBe('too_long');
  });
});

describe('D1: a token bound to a key', () => {
  it('D1: refuses it as a bearer token', async () => {
    expect((await refusal(tokenWithClaims({ cnf: { jkt: 'x' } }))).reason).toBe('bound_token');
  });
});
