/**
 * A server's sentences are for people. Only `shared/src/dograh-words.ts` makes decisions by sentences, and only for
 * plain Dograh, whose replies have no codes. Elsewhere, rewording a sentence could silently change what is dialled.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '..');
const words = 'shared/src/dograh-words.ts';
const folders = ['shared/src', 'n8n-node/nodes', 'n8n-node/credentials', 'zapier-app/src'];

function codeBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ['.ts', '.tsx'].includes(extname(entry.name)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** Methods and operators that compare texts, or search in them. */
const comparing = new Set([
  ...['includes', 'startsWith', 'endsWith', 'indexOf', 'lastIndexOf', 'match', 'matchAll', 'search', 'split'],
  ...['test', 'exec', 'has', 'get', 'localeCompare', 'replace', 'replaceAll'],
]);
const equality = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

type Constants = ReadonlyMap<string, ts.Expression>;

/** The values of a file's constants by name, so that a sentence in a constant is found as well. */
function constantsOf(source: ts.SourceFile): Constants {
  const constants = new Map<string, ts.Expression>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isIdentifier(node.name)) {
      constants.set(node.name.text, node.initializer);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return constants;
}

/** The texts in an expression that something is compared with: the keys of a table, the items of a list. */
function textsOf(node: ts.Node | undefined, constants: Constants): string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node)) return [node.text];
  if (ts.isIdentifier(node)) {
    const value = constants.get(node.text);
    return value !== undefined && !ts.isIdentifier(value) ? textsOf(value, constants) : [];
  }
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.flatMap((item) =>
      textsOf(ts.isArrayLiteralExpression(item) ? item.elements[0] : item, constants),
    );
  }
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.flatMap(({ name }) => (name && ts.isStringLiteralLike(name) ? [name.text] : []));
  }
  if (ts.isNewExpression(node)) return textsOf(node.arguments?.[0], constants);
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) {
    return textsOf(node.expression, constants);
  }
  return [];
}

/** Every text that a file compares something with. */
function comparedTexts(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const constants = constantsOf(source);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    found.push(...comparedIn(node).flatMap((compared) => textsOf(compared, constants)));
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

/** The parts of an expression that something else is compared with. */
function comparedIn(node: ts.Node): (ts.Node | undefined)[] {
  if (ts.isBinaryExpression(node) && equality.has(node.operatorToken.kind)) return [node.left, node.right];
  if (ts.isCaseClause(node) || ts.isElementAccessExpression(node)) return [node.expression];
  if (ts.isRegularExpressionLiteral(node)) return [node];
  if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') return [node];
  const isSearch =
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    comparing.has(node.expression.name.text);
  return isSearch ? [node.arguments[0], node.expression.expression] : [];
}

/** A text of two words with a space between them is neither identifier, path nor header. */
const isSentence = (text: string) => /[A-Za-z]{2,}(?: |\\s\+?)[A-Za-z]{2,}/.test(text);

test('only dograh-words.ts compares anything with a sentence', () => {
  const comparisons = folders
    .flatMap(codeBelow)
    .filter((path) => path !== words)
    .flatMap((path) =>
      comparedTexts(path, readFileSync(join(root, path), 'utf8'))
        .filter(isSentence)
        .map((text) => `${path}: ${text}`),
    );
  expect(comparisons).toEqual([]);
});

test('no other file contains the sentences of dograh-words.ts', () => {
  const source = ts.createSourceFile(
    words,
    readFileSync(join(root, words), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const constants = constantsOf(source);
  const sentences = [...constants.values()].flatMap((value) => textsOf(value, constants));
  expect(sentences).toContain('Failed to initiate call');
  const elsewhere = folders
    .flatMap(codeBelow)
    .filter((path) => path !== words)
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return sentences
        .filter((sentence) => text.includes(sentence))
        .map((sentence) => `${path}: ${sentence}`);
    });
  expect(elsewhere).toEqual([]);
});

test.each([
  "if (error.detail === 'Agent trigger not found') return;",
  "if (detail?.includes('still being placed')) return;",
  "const dialTried = 'Failed to initiate call'; const isTried = detail.startsWith(dialTried);",
  'const isSetup = /is not ready for/.test(detail);',
  "const isSetup = new RegExp('is not ready').test(detail);",
  "const setup = new Set(['Telephony provider not configured']); const isSetup = setup.has(detail);",
  "switch (detail) { case 'Concurrent call limit reached': break; }",
  "const code = { 'Invalid API key': 'invalid_key' }[detail];",
])('the check finds %s', (code) => {
  expect(comparedTexts('example.ts', code).some(isSentence)).toBe(true);
});

test.each([
  "throw new TriggerError({ code: 'conflict', message: 'Nothing was dialled by this request.' });",
  "if (error.code === 'not_found' && /^[a-z ]+$/.test(text)) return 'Nothing was found.';",
])('the check lets %s pass', (code) => {
  expect(comparedTexts('example.ts', code).some(isSentence)).toBe(false);
});
