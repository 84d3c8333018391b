// What the linter checks: everything that typescript-eslint calls strict, with type information; the formatter has the layout.
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['node_modules/', 'cdk.out/', 'dist/', '.bellhop/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A union that grows must be noticed everywhere it is decided upon; a `default` would hide the new case.
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A type costs a bundle nothing; an import that does not say so may load a module for its type alone.
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  // Tool configurations in JavaScript are outside the TypeScript project, so there are no types to check them with.
  { files: ['**/*.{js,mjs,cjs}'], extends: [tseslint.configs.disableTypeChecked] },
);
