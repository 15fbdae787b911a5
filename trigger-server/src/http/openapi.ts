/** The OpenAPI 3.1 document, made from the declarations that serve the routes. */
import { problem } from '@dograh-trigger/shared';
import * as z from 'zod';
import type { Route } from './route';

type Json = Record<string, unknown>;

const keySchemes = [{ apiKey: [] }];
const memberSchemes = [{ apiKey: [] }, { session: [] }];

/** @param version the server's own version. */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => toSchema(schema, io, components);
  for (const route of routes) {
    const path = `/api/v1${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operation(route, schemaOf) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Dograh Trigger',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Starts AI phone calls. Speaks the public API of Dograh; what it adds is marked, and listed by GET /api/v1/health.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
    },
  };
}

function operation(route: Route, schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const problemContent = { 'application/json': { schema: schemaOf(problem, 'output') } };
  const refusals: Record<string, string> = { ...route.refusals };
  if (route.body !== undefined) {
    refusals['400'] ??= 'The body did not arrive whole, or is not UTF-8.';
    refusals['413'] ??= 'The body is larger than 1 MiB.';
    refusals['415'] ??= 'The body is in a character set or compression that is not supported.';
  }
  if (route.auth !== 'none') refusals['401'] ??= 'The API key is missing or not valid.';
  if (route.body !== undefined || route.query !== undefined) refusals['422'] ??= 'The request is not valid.';
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: route.auth === 'none' ? [] : route.auth === 'trigger' ? keySchemes : memberSchemes,
    parameters: [
      ...parameters(route.params, 'path', schemaOf),
      ...parameters(route.query, 'query', schemaOf),
      ...Object.entries(route.requestHeaders ?? {}).map(([name, description]) => ({
        name,
        in: 'header',
        required: false,
        description,
        schema: { type: 'string' },
      })),
    ],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }),
    responses: {
      200: {
        description: 'Done.',
        headers: replyHeaders(route),
        content: replyContent(route, schemaOf),
      },
      ...Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          { description, headers: replyHeaders(route), content: problemContent },
        ]),
      ),
    },
  };
}

function replyContent(route: Route, schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  // OpenAPI 3.1 says of bytes that they have no schema.
  if (route.streams !== undefined) return Object.fromEntries(route.streams.map((type) => [type, {}]));
  return { 'application/json': { schema: schemaOf(route.reply, 'output') } };
}

function replyHeaders(route: Route): Json {
  const headers = Object.entries(route.replyHeaders ?? {});
  return Object.fromEntries(
    headers.map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

function operationId(route: Route): string {
  const words = route.path.split(/[/{}_-]+/).filter((word) => word !== '');
  return route.method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parameters(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json,
): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
    schema: schemaOf(field as z.ZodType, 'input'),
  }));
}

/** Named schemas go to the components and are referred to. */
function toSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const whole = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
    },
  }) as Json & { $defs?: Record<string, Json> };
  for (const [name, definition] of Object.entries(whole.$defs ?? {})) {
    components[name] = repoint(without(definition, 'id'));
  }
  const root = repoint(without(whole, '$schema', '$defs', 'id'));
  const id = schema.meta()?.id;
  if (id === undefined) return root;
  components[id] ??= root;
  return { $ref: `#/components/schemas/${id}` };
}

function without(schema: Json, ...names: string[]): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));
}

function repoint(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}
