// Biome formats and lints; ESLint is here for the rules that need types: floating and misused promises.
import tseslint from 'typescript-eslint'

export default tseslint.config({
  files: ['*/**/*.ts'],
  ignores: ['dist/**', 'node_modules/**'],
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
  },
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    // the promise of a tap subtest is awaited by tap itself
    '@typescript-eslint/no-floating-promises': [
      'error',
      { allowForKnownSafePromises: [{ from: 'package', name: 'PromiseWithSubtest', package: '@tapjs/core' }] },
    ],
    '@typescript-eslint/no-misused-promises': 'error',
    '@typescript-eslint/await-thenable': 'error',
    '@typescript-eslint/no-explicit-any': 'error',
    '@typescript-eslint/ban-ts-comment': 'error',
    'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Draw with a Key (core/key.ts).' }],
  },
})
