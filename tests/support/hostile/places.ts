/** Finds the text values in the bodies of the OpenAPI document, and creates bodies with a given text there. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import { referredTo, type Schema } from '../operations';
import { asText, mostValues, shapes, type Shape } from './fillings';

/** A position of a text in a body. */
export interface Place {
  /** `workflow_definition.nodes.0.data.greeting` */
  name: string;
  /** The component of the document that contains it. The same code handles all positions of one component. */
  component: string;
  /** The value made from the text. */
  shape: Shape;
  /** The example's body around it, as JSON text, so that the value can be inserted unchanged. */
  before: string;
  after: string;
}

/** Every position of a text in a body of this schema. */
export function placesIn(schema: Schema, example: JsonValue | undefined): Place[] {
  return [...walk(schema, example, { name: '', component: '', open: [] })].map(
    ({ name, component, shape, fill }) => {
      const mark = '<here>';
      const [piece, body] = shape.isMembers
        ? [`"${mark}":0`, fill({ [mark]: 0 })]
        : [`"${mark}"`, fill(mark)];
      const [before = '', after = ''] = JSON.stringify(body).split(piece);
      return { name, component, shape, before, after };
    },
  );
}

/** An intermediate position. */
interface Found {
  name: string;
  component: string;
  shape: Shape;
  /** The example with this value at the position. */
  fill: (value: JsonValue) => JsonValue;
}

interface Position {
  name: string;
  component: string;
  /** The components on the current path, to detect cycles. */
  open: readonly string[];
}

function* walk(schema: Schema, example: JsonValue | undefined, at: Position): Generator<Found> {
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
    yield { ...at, shape: asText, fill: (value) => value };
  }
  if (types.includes('array')) yield* walkList(schema, example, at);
  if (types.includes('object')) yield* walkObject(schema, example, at);
}

function* walkList(schema: Schema, example: JsonValue | undefined, at: Position): Generator<Found> {
  const first = Array.isArray(example) ? example[0] : undefined;
  for (const inner of walk(schema.items ?? {}, first, below(at, '0'))) {
    yield { ...inner, fill: (value) => [inner.fill(value)] };
  }
  yield { ...at, name: `${at.name} as a list`, shape: shapes.asList, fill: (value) => value };
  const elements = new Map<string, Found>();
  for (const inner of walk(schema.items ?? {}, undefined, at)) {
    if (!elements.has(inner.component)) elements.set(inner.component, inner);
  }
  for (const [component, element] of elements) {
    const shape = manyOf(component, element.fill(element.shape.make('x')));
    yield { name: `${at.name}: ${shape.name}`, component, shape, fill: (value) => value };
  }
}

/** As many elements as fit into the length of the text, or into a body. */
function manyOf(component: string, element: JsonValue): Shape {
  const json = JSON.stringify(element);
  const values = json.match(/[,{[]/g)?.length ?? 1;
  const make = (text: string) => {
    const count = Math.floor(Math.min(text.length / (json.length + 1), mostValues / (values + 1)));
    return Array.from({ length: count }, () => element);
  };
  return { name: `many of ${component}`, isMembers: false, isOfLength: true, make };
}

function* walkObject(schema: Schema, example: JsonValue | undefined, at: Position): Generator<Found> {
  const base = isObject(example) ? example : constantsOf(schema);
  const properties = Object.entries(schema.properties ?? {});
  for (const [name, property] of properties) {
    for (const inner of walk(property, base[name], below(at, name))) {
      yield { ...inner, fill: (value) => ({ ...base, [name]: inner.fill(value) }) };
    }
  }
  // Properties that the schema does not define may have any value.
  for (const shape of Object.values(shapes)) {
    const fill = (value: JsonValue) =>
      shape.isMembers && isObject(value) ? { ...base, ...value } : { ...base, anything: value };
    yield { ...at, name: `${at.name} ${shape.name}`, shape, fill };
  }
}

/** The constant properties that select a variant, such as the type of a node. */
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
