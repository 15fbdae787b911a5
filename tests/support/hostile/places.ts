/** Where a body of the OpenAPI document takes a text, and what a body with a text there looks like. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import { referredTo, type Schema } from '../operations';
import { mostValues, shapes } from './fillings';

/** A place for a text in a body. */
export interface Place {
  /** `workflow_definition.nodes.0.data.greeting` */
  name: string;
  /** The component of the document that it stands in: places of one component are the same code. */
  component: string;
  /** The value with the text in that place, and all else as in the example. */
  fill: (text: string) => JsonValue;
}

/** Every place for a text in a body of this schema. */
export function placesIn(schema: Schema, example: JsonValue | undefined): Place[] {
  return [...walk(schema, example, { name: '', component: '', open: [] })];
}

interface Position {
  name: string;
  component: string;
  /** Components that are being walked, against circles. */
  open: readonly string[];
}

function* walk(schema: Schema, example: JsonValue | undefined, at: Position): Generator<Place> {
  const reference = referredTo(schema);
  if (reference !== null) {
    const { name: component, schema: target } = reference;
    if (!at.open.includes(component)) {
      yield* walk(target, example, { ...at, component, open: [...at.open, component] });
    }
    return;
  }
  for (const variant of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) yield* walk(variant, example, at);
  const types = [schema.type ?? []].flat();
  if (types.includes('string') || schema.enum !== undefined || typeof schema.const === 'string') {
    yield { name: at.name, component: at.component, fill: (text) => text };
  }
  if (types.includes('array')) yield* walkList(schema, example, at);
  if (types.includes('object')) yield* walkObject(schema, example, at);
}

function* walkList(schema: Schema, example: JsonValue | undefined, at: Position): Generator<Place> {
  const first = Array.isArray(example) ? example[0] : undefined;
  for (const inner of walk(schema.items ?? {}, first, below(at, '0'))) {
    yield { ...inner, fill: (text) => [inner.fill(text)] };
  }
  yield { name: `${at.name} as a list`, component: at.component, fill: shapes.asList };
  const elements = new Map<string, Place>();
  for (const inner of walk(schema.items ?? {}, undefined, at)) {
    if (!elements.has(inner.component)) elements.set(inner.component, inner);
  }
  for (const [component, element] of elements) {
    yield {
      name: `${at.name}: many of ${component}`,
      component,
      fill: (text) => {
        const json = JSON.stringify(element.fill('x'));
        const values = json.match(/[,{[]/g)?.length ?? 1;
        const count = Math.floor(Math.min(text.length / (json.length + 1), mostValues / (values + 1)));
        return Array.from({ length: count }, () => element.fill('x'));
      },
    };
  }
}

function* walkObject(schema: Schema, example: JsonValue | undefined, at: Position): Generator<Place> {
  const base = isObject(example) ? example : constantsOf(schema);
  const properties = Object.entries(schema.properties ?? {});
  for (const [name, property] of properties) {
    for (const inner of walk(property, base[name], below(at, name))) {
      yield { ...inner, fill: (text) => ({ ...base, [name]: inner.fill(text) }) };
    }
  }
  // What a schema does not name may hold anything, of any shape.
  for (const [shape, make] of Object.entries(shapes)) {
    yield {
      name: `${at.name} ${shape}`,
      component: at.component,
      fill: (text) => {
        const made = make(text);
        return isObject(made) ? { ...base, ...made } : { ...base, anything: made };
      },
    };
  }
}

/** What tells a variant from the others, such as the type of a node. */
function constantsOf({ properties = {} }: Schema): JsonObject {
  const constants = Object.entries(properties).flatMap(([name, property]) =>
    property.const === undefined ? [] : [[name, property.const] as const],
  );
  const isNode = 'data' in properties && 'type' in properties;
  return { ...(isNode ? { id: 'a', type: 'other', data: {} } : {}), ...Object.fromEntries(constants) };
}

function below(at: Position, name: string): Position {
  return { ...at, name: at.name === '' ? name : `${at.name}.${name}` };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
