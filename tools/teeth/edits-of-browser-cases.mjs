const client = 'packages/client/src';
const rotation = 'packages/server/src/core/rotation.ts';
const e2e = (file, title) => ({ file: `e2e/edge-cases/${file}.test.ts`, title });

/** Whoever presents a token again must be known for its owner. */
const sameKeyAgain = {
  without: 'an idempotency key that is always the same for a token',
  file: `${client}/browser/key-store.ts`,
  find: 'encode(label + refreshToken)',
  replace: 'encode(label + refreshToken + performance.now())',
};
const keyOfTheProfile = {
  without: 'one key for all tabs and loads of a profile',
  file: `${client}/browser/key-store.ts`,
  find: "const slot = 'idempotency';",
  replace: 'const slot = `idempotency-${performance.timeOrigin}`;',
};
const repetition = {
  without: 'the same successor for the same request',
  file: rotation,
  find: "return isOwn ? { kind: 'repeat'",
  replace: "return isOwn && request.generation < 0 ? { kind: 'repeat'",
};
const adoption = {
  without: 'adopting what another tab has just refreshed',
  file: `${client}/core/refresh-flight.ts`,
  find: "if (session.accessToken !== flight.wanting) return endFlight(state, flight, { note: 'adopted' });",
  replace: "if (session.accessToken === '') return endFlight(state, flight, { note: 'adopted' });",
};
const compareAndSet = {
  without: 'a commit that compares what it replaces',
  file: `${client}/core/session-record.ts`,
  find: 'return current && holds(current, change.expected) ? withTokens(current, change.tokens) : undefined;',
  replace: 'return current ? withTokens(current, change.tokens) : undefined;',
};

/** The rows of edge-cases.md that are shown in real browsers, but for those about storage. */
export const ofBrowserCases = [
  { row: 'E1', ...adoption, test: e2e('several-tabs', 'E1: ten tabs') },
  { row: 'E2', ...keyOfTheProfile, test: e2e('between-tabs', 'E2: without Web Locks') },
  { row: 'E3', ...sameKeyAgain, test: e2e('standing-still', 'E3: it is closed') },
  { row: 'E3', ...keyOfTheProfile, test: e2e('standing-still', 'E3: it crashes') },
  { row: 'E4', ...compareAndSet, test: e2e('standing-still', 'E4: a tab that is frozen') },
  { row: 'E6', ...repetition, test: e2e('losses', 'E6: the server rotated') },
  { row: 'E7', ...keyOfTheProfile, test: e2e('losses', 'E7: reload pressed') },
  {
    row: 'E11',
    without: 'telling an app of the end only once',
    file: `${client}/core/session-machine.ts`,
    find: 'ownerOf(state.record) !== undefined && !record?.session ?',
    replace: 'state.known && !record?.session ?',
    test: e2e('several-tabs', 'E11: a true invalid_grant'),
  },
  {
    row: 'E14',
    without: 'keeping a sign-out for the server',
    file: `${client}/core/session-record.ts`,
    find: 'unrevoked: revoke && session ? [...unrevoked, session.refreshToken] : unrevoked,',
    replace: 'unrevoked: revoke ? unrevoked : [],',
    test: e2e('several-tabs', 'E14: signing out while offline'),
  },
  {
    row: 'E16',
    without: 'sending a refused request again',
    file: `${client}/fetch.ts`,
    find: 'return next ? sendWith(next, true) : response;',
    replace: 'return response;',
    test: e2e('refused-calls', 'E16: fifty requests'),
  },
  {
    row: 'E18',
    without: "telling a bad token from a 401 of the app's own",
    file: `${client}/request-gate.ts`,
    find: 'if (!(await session.saysInvalidToken(challenge, body))) return undefined;',
    replace: 'await session.saysInvalidToken(challenge, body);',
    test: e2e('refused-calls', 'E18: an endpoint'),
  },
  {
    row: 'E19',
    without: 'keeping the body of a Request for the second time',
    file: `${client}/fetch.ts`,
    find: 'send(last ? request : request.clone())',
    replace: 'send(request)',
    test: e2e('bodies', 'E19: JSON, FormData'),
  },
  {
    row: 'E19',
    without: 'an error that says that a stream is not sent twice',
    file: `${client}/request-gate.ts`,
    find: "if (strict) throw new RequestRefusedError('ERR_BODY_NOT_REPLAYABLE', streamOnce);",
    replace: '',
    test: e2e('bodies', 'E19: a ReadableStream'),
  },
  {
    row: 'E19',
    without: 'an end of the wait with the request that waits',
    file: `${client}/request-gate.ts`,
    find: 'const bearer = await session.token({ signal, strict });',
    replace: 'const bearer = await session.token({ strict });',
    test: e2e('bodies', 'E19: a request that is aborted'),
  },
  {
    row: 'E22',
    without: 'another refresh after one that failed for want of a network',
    file: `${client}/core/refresh-flight.ts`,
    find: 'const session = state.known && !state.flight ? state.record?.session : undefined;',
    replace:
      'const session = state.known && !state.flight && state.failures === 0 ? state.record?.session : undefined;',
    test: e2e('standing-still', 'E22: after eight hours'),
  },
  {
    row: 'E24',
    without: 'looking at the token’s age when a request needs it',
    file: `${client}/core/waiters.ts`,
    find: "if (worth === 'expired' || worth === 'early') return undefined;",
    replace: "if (worth === 'expired') return accessToken;",
    test: e2e('standing-still', 'E24: the first request'),
  },
  {
    row: 'E25',
    without: 'looking again when a page comes back, or is told',
    file: `${client}/create-session.ts`,
    find: "storage.watch(look), ports.activity?.watch() ?? (() => undefined), lifecycle.subscribe((event) => { if (event === 'awake') { look();",
    replace:
      "void look, ports.activity?.watch() ?? (() => undefined), lifecycle.subscribe((event) => { if (event === 'awake') {",
    test: e2e('several-tabs', 'E25: is signed out before any call, if it is the old page'),
  },
  {
    row: 'E30',
    without: 'a token in the one header that a browser drops on the way to another origin',
    file: `${client}/fetch.ts`,
    find: 'const response = await send(last);',
    replace: "headers.set('x-kept', accessToken); const response = await send(last);",
    test: e2e('refused-calls', 'E30: an allowed URL'),
  },
  { row: 'E33', ...adoption, test: e2e('between-tabs', 'E33: two starts') },
  { row: 'E33', ...adoption, test: e2e('between-tabs', 'E33: two copies') },
  {
    row: 'E37',
    without: 'silence where nothing has changed',
    file: `${client}/session-runner.ts`,
    find: 'if (sameSnapshot(seen, this.#snapshot)) return;',
    replace: '',
    test: e2e('several-tabs', 'E37: a profile changed'),
  },
  { row: 'E39', ...repetition, test: e2e('servers', 'E39: with all its writes') },
  {
    row: 'E39',
    without: 'the last tokens to walk up from',
    file: `${client}/core/refresh-flight.ts`,
    find: 'const refreshToken = refresh ?? (kept === flight.presented ? undefined : kept);',
    replace: 'const refreshToken = refresh;',
    test: e2e('servers', 'E39: without its last writes'),
  },
  { row: 'E42', ...repetition, test: e2e('servers', 'E42: a refresh that the browser') },
  {
    row: 'E43',
    without: 'waiting as long as the server asks',
    file: `${client}/backends/verdicts.ts`,
    find: 'status: answer.status, retryAfter: retryAfterOf(answer) };',
    replace: 'status: answer.status, retryAfter: retryAfterOf(answer) && undefined };',
    test: e2e('losses', 'E43: a 429'),
  },
  {
    row: 'E45',
    without: 'patience with a token of long ago',
    file: rotation,
    find: "if (request.generation < oldestRemembered && !isFinal) return { kind: 'old', generation: row.generation };",
    replace: "if (request.generation < oldestRemembered && !isFinal) return { kind: 'reused' };",
    test: e2e('standing-still', 'E45: a tab that has read'),
  },
  { row: 'E47', ...compareAndSet, test: e2e('between-tabs', 'E47: so that the answer') },
  {
    row: 'E50',
    without: 'a token that ends where only an act of the person would keep the session',
    file: 'packages/server/src/access-tokens.ts',
    find: 'Math.min(now + settings.accessSeconds, session.idleExpiresAt, session.absoluteExpiresAt)',
    replace: 'Math.min(now + settings.accessSeconds, session.absoluteExpiresAt)',
    test: e2e('inactivity', 'E50: who acts every 8 minutes'),
  },
  {
    row: 'E50',
    without: 'an end for who does nothing',
    file: `${client}/inactivity.ts`,
    find: 'if (over) void endInactive().catch(() => undefined);',
    replace: '',
    test: e2e('inactivity', 'E50: who does nothing'),
  },
];
