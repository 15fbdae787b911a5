/**
 * One ESLint for the whole repository. What may import what is checked by `.dependency-cruiser.cjs`, formatting by
 * Prettier; here stands what needs the syntax tree or the types.
 */
import js from '@eslint/js';
import n8nCommunityNodes from '@n8n/eslint-plugin-community-nodes';
import { defineConfig, globalIgnores } from 'eslint/config';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const sources = [
  'shared/src/**/*.ts',
  'trigger-server/src/**/*.ts',
  'zapier-app/src/**/*.ts',
  'n8n-node/**/*.ts',
];

const houseSyntax = [
  {
    // The named export drags all of zod into a bundle: 756 kB instead of 191 kB.
    selector: 'ImportDeclaration[source.value="zod"] > :matches(ImportSpecifier, ImportDefaultSpecifier)',
    message: "Write: import * as z from 'zod' (or import type * as z from 'zod').",
  },
  {
    selector: 'TSAsExpression > TSAsExpression.expression > TSUnknownKeyword.typeAnnotation',
    message: 'A cast through unknown proves nothing: parse the value, or give it its type where it is made.',
  },
];

const testSyntax = [
  {
    selector:
      'CallExpression > MemberExpression.callee[property.name=/^(toBeDefined|toBeTruthy|toBeFalsy)$/]',
    message: 'Assert the value that is promised: almost anything is defined or truthy.',
  },
  {
    selector:
      'MemberExpression[object.name=/^(describe|it|test)$/][property.name=/^(only|skip|todo|failing)$/]',
    message: 'Every committed test runs.',
  },
];

const waits = ['setTimeout', 'setInterval'];
const timers = [...waits, 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'];

function restrictedGlobals(names, message) {
  return ['error', ...names.map((name) => ({ name, message }))];
}

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/coverage/',
    'n8n-node/types/',
    'trigger-server/console/types/',
    'zapier-app/types/',
    'zapier-app/build/',
  ]),
  // A rule is changed here, with its reason, or not at all.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,cjs,mjs,ts,tsx}'],
    extends: [js.configs.recommended],
    rules: { eqeqeq: ['error', 'always', { null: 'ignore' }] },
  },

  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A number in a template prints as everyone expects; objects, null and undefined stay forbidden.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `for (;;)` and `while (true)` with a way out inside are how a wait or a scanner is written plainly.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // A leading underscore says that a parameter stands there only for its position; `{ id, ...rest }` leaves `id` out.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Express types its requests as interfaces over Node's classes, so passing them on would always be a finding.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Strict allows it with a description; what the compiler refuses is mended instead.
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
      'no-restricted-syntax': ['error', ...houseSyntax],
    },
  },

  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        fetch: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['**/*.{js,cjs}'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },

  { files: sources, ignores: ['trigger-server/src/main.ts'], rules: { 'no-console': 'error' } },
  {
    files: ['trigger-server/src/**/*.ts'],
    ignores: [
      'trigger-server/src/main.ts',
      'trigger-server/src/admin/main.ts',
      'trigger-server/src/config.ts',
    ],
    rules: {
      'no-restricted-globals': restrictedGlobals(
        ['process'],
        'Only main.ts, admin/main.ts and config.ts know the process: take what you need from Services.',
      ),
    },
  },
  {
    files: ['shared/src/**/*.ts'],
    ignores: ['shared/src/transports/axios.ts'],
    rules: {
      'no-restricted-globals': restrictedGlobals(
        [...timers, 'process', 'global', 'globalThis', 'Buffer', '__dirname', '__filename'],
        'The client is bundled into n8n, which forbids it: take it as a parameter.',
      ),
    },
  },

  {
    files: ['trigger-server/console/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    rules: {
      'no-console': 'error',
      // The content security policy has no exception for it.
      'no-restricted-syntax': [
        'error',
        ...houseSyntax,
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'What a tenant or a caller wrote is text, never markup.',
        },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },

  {
    files: ['tests/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...houseSyntax, ...testSyntax],
      // A reply's parsed JSON is `any`; the assertion on it is the check.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // A missing element fails the test by itself, at the line that expected it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A stand-in for an asynchronous port is async, also when it has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // It skips what an older n8n does not have, and prints why; on the usual n8n each of them runs.
    files: ['tests/real/n8n/version.ts'],
    rules: { 'no-restricted-syntax': ['error', ...houseSyntax] },
  },
  {
    files: ['tests/**/*.test.ts', 'tests/contracts/**/*.ts'],
    rules: {
      'no-restricted-globals': restrictedGlobals(
        waits,
        'Tests do not wait for time to pass: inject a clock or a sleep.',
      ),
      'no-restricted-imports': ['error', 'timers/promises', 'node:timers/promises'],
    },
  },

  // What n8n checks before it verifies a package, with n8n's own exceptions (those of its node CLI).
  { files: ['n8n-node/**/*.ts', 'n8n-node/package.json'], extends: [n8nCommunityNodes.configs.recommended] },
  {
    files: ['n8n-node/package.json'],
    plugins: { 'n8n-nodes-base': n8nNodesBase },
    languageOptions: { parser: tseslint.parser },
    rules: n8nNodesBase.configs.community.rules,
  },
  {
    files: ['n8n-node/credentials/**/*.ts'],
    plugins: { 'n8n-nodes-base': n8nNodesBase },
    rules: {
      ...n8nNodesBase.configs.credentials.rules,
      // Wants n8n's own camel-cased documentation names; a community package gives an address.
      'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
      // `credential-password-field` of the newer plugin tells a secret from a look-alike better.
      'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
    },
  },
  {
    files: ['n8n-node/nodes/**/*.ts'],
    plugins: { 'n8n-nodes-base': n8nNodesBase },
    rules: {
      ...n8nNodesBase.configs.nodes.rules,
      // Both want the text 'main' where n8n now wants NodeConnectionTypes.Main.
      'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
      'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
      // Forbids `maxValue` on a limit, which protects the user from an answer that the API refuses.
      'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
    },
  },
);
