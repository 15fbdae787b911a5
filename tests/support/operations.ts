/** The operations of the OpenAPI document. Tests that are derived from it include new routes automatically. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, JsonValue, KeyScope } from '@dograh-trigger/shared';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: JsonValue;
  enum?: JsonValue[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
}

export interface Operation {
  /** `PUT /api/v1/workflow/{workflow_id}` */
  name: string;
  method: string;
  path: string;
  /** The tag of the operation. */
  tag: string;
  /** The accepted credentials; none for a public operation. */
  takes: { apiKey: boolean; session: boolean };
  /** The scopes of the API keys that may use it. */
  scopes: KeyScope[];
  parameters: Parameter[];
  /** The JSON body; undefined for an operation without one. */
  body: { schema: Schema; example: JsonObject } | undefined;
  /** The file that is its body; undefined for an operation that takes none. */
  file: { contentType: string; example: string } | undefined;
}

interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        tags: [string];
        security: Record<string, unknown>[];
        'x-api-key-scopes'?: KeyScope[];
        parameters?: Parameter[];
        requestBody?: {
          content: {
            'application/json'?: { schema: Schema; example: JsonObject };
            'text/csv'?: { example: string };
          };
        };
      }
    >
  >;
  components: { schemas: Record<string, Schema> };
}

// Another test compares it with the served document.
const document = JSON.parse(
  readFileSync(join(__dirname, '../../trigger-server/openapi.json'), 'utf8'),
) as Document;

/** Every operation of the document. */
export const operations: Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([
      method,
      {
        tags: [tag],
        security,
        'x-api-key-scopes': scopes = [],
        parameters = [],
        requestBody,
      },
    ]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      tag,
      takes: {
        apiKey: security.some((scheme) => 'apiKey' in scheme),
        session: security.some((scheme) => 'session' in scheme),
      },
      scopes,
      parameters,
      body: requestBody?.content['application/json'],
      file: fileOf(requestBody?.content['text/csv']),
    }),
  ),
);

function fileOf(content: { example: string } | undefined): Operation['file'] {
  return content === undefined ? undefined : { contentType: 'text/csv', example: content.example };
}

/** @param name as in the document: `PUT /api/v1/workflow/{workflow_id}`. */
export function operationNamed(name: string): Operation {
  const found = operations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no ${name}`);
  return found;
}

const prefix = '#/components/schemas/';

/** The name and the schema that a reference points to; null for a schema without a reference. */
export function referredTo({ $ref }: Schema): { name: string; schema: Schema } | null {
  if ($ref === undefined) return null;
  const name = $ref.replace(prefix, '');
  const schema = document.components.schemas[name];
  if (schema === undefined) throw new Error(`There is no ${$ref}`);
  return { name, schema };
}
