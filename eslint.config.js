import js from '@eslint/js'
import {defineConfig, globalIgnores} from 'eslint/config'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

export default defineConfig(
  globalIgnores(['build/', '.cache/', '**/dist/', '**/dist-server/', 'wasm/']),
  js.configs.recommended,
  {
    // Scripts and test runners: plain JavaScript for Node. Undefined names are found by tsc.
    files: ['**/*.{js,mjs}'],
    rules: {
      'no-undef': 'off',
      'no-unused-vars': ['error', {argsIgnorePattern: '^_'}],
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', {null: 'ignore'}],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname},
    },
    rules: {
      eqeqeq: ['error', 'always', {null: 'ignore'}],
      'no-restricted-syntax': [
        'error',
        {selector: 'ExportDefaultDeclaration', message: 'Export by name.'},
        {selector: 'TSEnumDeclaration', message: 'Use a union of string literals.'},
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        {fixStyle: 'separate-type-imports', disallowTypeAnnotations: false},
      ],
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_'}],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        {allowNumber: true, allowBoolean: true},
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', {ignoreArrowShorthand: true}],
      // The runner collects these by itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {from: 'package', package: 'node:test', name: ['describe', 'it', 'test']},
          ],
        },
      ],
      // `satisfies never` in a default branch and defensive checks of what other builds send us.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    files: ['**/*.tsx', 'js/src/react.ts', 'js/src/react/**'],
    extends: [reactHooks.configs.flat.recommended],
  },
  {
    // Files whose reader demands a default export: apps (`--app`), Vite and React configuration.
    files: ['demo/*/src/sync.ts', '**/*.config.{ts,js}', 'tests/**/*.ts'],
    rules: {'no-restricted-syntax': 'off'},
  },
)
