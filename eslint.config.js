import tseslint from 'typescript-eslint';

const oneWayOut = [
  'error',
  { selector: 'ExportDefaultDeclaration', message: 'No default exports: one name everywhere, found by search.' },
];
const pureCode = [
  { object: 'Date', property: 'now', message: 'Pass `now` in: core is pure.' },
  { object: 'Math', property: 'random', message: 'Pass randomness in: core is pure.' },
];
const counted = { skipBlankLines: true, skipComments: true };

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'test-output/**', '.cache/**', '**/.latchkey/**'] },
  // Checked by `ng build`, as these import what only the installed app has.
  { ignores: ['e2e/angular/apps/ssr/*server.ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['packages/*/tsconfig.json', 'packages/*/src/core/tsconfig.json', 'tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'max-lines': ['error', { max: 300, ...counted }],
      'max-lines-per-function': ['error', { max: 50, ...counted }],
      'max-params': ['error', { max: 3 }],
      'no-restricted-syntax': oneWayOut,
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/dot-notation': 'off',
      // In Angular a class may be all decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  {
    files: ['packages/protocol/src/**/*.ts', 'packages/*/src/core/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...pureCode],
      'no-restricted-syntax': [
        ...oneWayOut,
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Pass `now` in: core is pure.' },
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'e2e/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 500, ...counted }],
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['packages/cli/src/**/*.ts', 'vitest.config.ts', 'e2e/harness/global-setup.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    rules: {
      'max-lines': ['error', { max: 300, ...counted }],
      'max-lines-per-function': ['error', { max: 50, ...counted }],
    },
  },
);
