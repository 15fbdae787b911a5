/**
 * Leaves the schemas out of the bundle that only the server uses. Building a schema has no effect beyond its value, but
 * esbuild cannot know that, and keeps an unused one unless each call is marked as pure.
 */
import { readFile } from 'node:fs/promises';
import ts from 'typescript';

/** A plugin of esbuild, for the folder of the contracts. */
export const onlyUsedSchemas = {
  name: 'only-used-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]shared[\\/]src[\\/]contracts[\\/][\w-]+\.ts$/ }, async ({ path }) => {
      const file = ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest);
      return { contents: edited(file.text, editsOf(file)), loader: 'ts' };
    });
  },
};

function editsOf(file) {
  const edits = [];
  (function visit(node) {
    // Calls in a function are made when it is called, and may have effects.
    if (ts.isFunctionLike(node)) return;
    if (!ts.isCallExpression(node)) {
      ts.forEachChild(node, visit);
      return;
    }
    const start = node.getStart(file);
    edits.push({ from: start, to: start, text: '/* @__PURE__ */ ' });
    const described = describedSchema(node);
    if (described === undefined) {
      ts.forEachChild(node, visit);
      return;
    }
    const { schema, title } = described;
    const text = title === undefined ? '' : `.meta({ ${title.getText(file)} })`;
    edits.push({ from: schema.end, to: node.end, text });
    visit(schema);
  })(file);
  return edits;
}

/** The schema before `.meta({ … })`, which only describes it in the OpenAPI document. The nodes show its title. */
function describedSchema({ expression, arguments: [description] }) {
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 'meta') return undefined;
  if (description === undefined || !ts.isObjectLiteralExpression(description)) return undefined;
  const title = description.properties.find(({ name }) => name?.text === 'title');
  return { schema: expression.expression, title };
}

/** From the last edit to the first, so that the positions hold. */
function edited(text, edits) {
  return edits
    .sort((left, right) => right.from - left.from)
    .reduce((result, { from, to, text: added }) => result.slice(0, from) + added + result.slice(to), text);
}
