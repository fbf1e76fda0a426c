/** Who may import whom; the reasons stand in CONTRIBUTING.md. */
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    forbid(
      'no-cycle',
      {},
      { circular: true },
      'Code that needs each other belongs in one file, or one of them is in the wrong place.',
    ),
    forbid(
      'protocol-is-alone',
      { path: '^packages/protocol/src', pathNot: '\\.test\\.ts$' },
      { pathNot: '^packages/protocol/src' },
      'protocol imports nothing.',
    ),
    forbid(
      'core-is-pure',
      { path: '^packages/([^/]+)/src/core/', pathNot: '\\.test\\.ts$' },
      { pathNot: ['^packages/$1/src/core/', '^packages/protocol/'] },
      'core imports protocol and itself.',
    ),
    forbid(
      'create-does-not-wire',
      { path: '^packages/[^/]+/src/create-[^/]+\\.ts$' },
      { path: '/src/(browser|stores)/' },
      'create-*.ts imports core and ports; index.ts wires.',
    ),
    forbid(
      'ends-are-apart',
      // The client's tests run it against the real server.
      { path: '^packages/client/', pathNot: '\\.test\\.ts$' },
      { path: '^packages/(server|verifier|cli)/' },
      'client and server never import each other.',
    ),
    forbid(
      'ends-are-apart-2',
      { path: '^packages/(server|verifier|cli)/' },
      { path: '^packages/client/' },
      'client and server never import each other.',
    ),
    forbid(
      'bank-ends-are-apart',
      { path: '^examples/bank/src/' },
      { path: '^examples/bank/(server|launcher)/' },
      'The app knows its server by addresses alone.',
    ),
    forbid(
      'launcher-is-outside',
      { path: '^examples/bank/launcher/' },
      { pathNot: '^examples/bank/launcher/' },
      'The launcher stands outside the app and its server.',
    ),
    forbid(
      'no-testing-in-source',
      { path: '^packages/[^/]+/src/', pathNot: ['\\.test\\.ts$', '/src/testing/'] },
      { path: '/src/testing/' },
      'Source never imports testing.',
    ),
    forbid(
      'declared-only',
      { path: '^packages/', pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
      'Declare what you import.',
    ),
    forbid('resolvable', {}, { couldNotResolve: true }, 'An import that leads nowhere.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules|test-output)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
