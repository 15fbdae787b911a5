/** The OpenAPI 3.1 document, generated from the declarations that serve the routes. */
import {
  callAnsweredEvent,
  callArtifactsReadyEvent,
  callAttemptEndedEvent,
  callCompletedEvent,
  problem,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { sessionCookieName } from './cookie/session-cookie';
import { scopesFor } from './access/key-scope';
import type { Route } from './route';
import { rulesOfBody } from './body/unknown-fields';

type Json = Record<string, unknown>;
/** A schema's JSON Schema or `$ref`, for what a client sends (`input`) or receives (`output`). */
type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => Json;

const keySchemes = [{ apiKey: [] }, { sessionCookie: [] }];
const memberSchemes = [{ apiKey: [] }, { session: [] }, { sessionCookie: [] }];

/**
 * @param version the server's own version.
 * @param described components, by name, that describe more than the validating schema does. Each replaces the generated
 *   component of the same name.
 */
export function openApiDocument(
  routes: readonly Route[],
  version: string,
  described: Record<string, Json>,
): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  const schemaOf: SchemaOf = (schema, io) => toSchema(schema, io, components);
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
        'Starts AI phone calls. Speaks the public API of Dograh; what it adds is marked, and listed by GET /api/v1/health. Query parameters that a route does not know are named in the header Ignored-Fields of its reply. Every route but GET /api/v1/health may answer 429 with the code `rate_limited`: nothing was done, and `Retry-After` says when to come again. An API key has a scope; `x-api-key-scopes` of an operation lists those that may use it, and a key with another one gets 403 with the code `scope_missing`. A request with the session cookie may get 403: `cross_origin` if a page of another origin sent it, `csrf_token_invalid` if its method is not GET or HEAD and `X-CSRF-Token` is not the session’s.',
    },
    servers: [{ url: '/' }],
    paths,
    webhooks: {
      callAnswered: {
        post: event(
          'callAnswered',
          'Somebody, or a machine, has answered a call',
          schemaOf(callAnsweredEvent, 'output'),
        ),
      },
      callCompleted: {
        post: event('callCompleted', 'A call has ended', schemaOf(callCompletedEvent, 'output')),
      },
      callAttemptEnded: {
        post: event(
          'callAttemptEnded',
          'An attempt to reach the person called has ended',
          schemaOf(callAttemptEndedEvent, 'output'),
        ),
      },
      callArtifactsReady: {
        post: event(
          'callArtifactsReady',
          'The files of a call are there, or were given up',
          schemaOf(callArtifactsReadyEvent, 'output'),
        ),
      },
    },
    components: {
      schemas: { ...components, ...described },
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        sessionCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookieName,
          description:
            'Set by POST /api/v1/console/session, for pages of this server. By https its name begins with `__Secure-`.',
        },
      },
    },
  };
}

/** The webhook request that a subscription's target receives, and at the end of a call its `callback_url`. */
function event(operationId: string, summary: string, schema: Json): Json {
  const signed = {
    'webhook-id': 'The same at every attempt: drop one that you have seen.',
    'webhook-timestamp': 'Seconds since 1970.',
    'webhook-signature': 'After Standard Webhooks, with the secret of the organization.',
  };
  return {
    operationId,
    tags: ['Webhooks'],
    summary,
    parameters: headerParameters(signed, true),
    requestBody: {
      required: true,
      content: { 'application/json': { schema } },
    },
    responses: {
      '2XX': { description: 'Received. Anything else is tried again, except 410, which unsubscribes.' },
    },
  };
}

function operation(route: Route, schemaOf: SchemaOf): Json {
  const problemContent = { 'application/json': { schema: schemaOf(problem, 'output') } };
  const refusals: Record<string, string> = { ...route.refusals };
  if (route.body !== undefined) {
    refusals['400'] ??= 'The body did not arrive whole, or is not UTF-8.';
    refusals['413'] ??= 'The body is larger than 1 MiB.';
    refusals['415'] ??= 'The body is in a character set or compression that is not supported.';
  }
  if (route.upload !== undefined) {
    refusals['400'] ??= 'The file did not arrive whole.';
    const { limit } = route.upload;
    if (limit !== null) refusals['413'] ??= `The file is larger than ${limit.text}.`;
    refusals['415'] ??= 'The body has another content type, character set or compression.';
  }
  if (route.notFound !== undefined) refusals['404'] ??= 'There is no such thing in this organization.';
  if (route.auth !== 'none') refusals['401'] ??= 'The API key is missing or not valid.';
  if (route.body !== undefined || route.query !== undefined) refusals['422'] ??= 'The request is not valid.';
  const replyHeaders = {
    ...route.replyHeaders,
    ...(rulesOfBody(route) === undefined ? {} : ignoredFields),
  };
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.auth === 'none' ? {} : { 'x-api-key-scopes': scopesFor(route.scope) }),
    security: route.auth === 'none' ? [] : route.auth === 'trigger' ? keySchemes : memberSchemes,
    parameters: [
      ...parameters(route.params, 'path', schemaOf),
      ...parameters(route.query, 'query', schemaOf),
      ...headerParameters(route.requestHeaders ?? {}, false),
    ],
    ...requestBody(route, schemaOf),
    responses: {
      ...successes({ ...route, replyHeaders }, replyContent(route, schemaOf)),
      ...Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          {
            description,
            headers: headers(replyHeaders, status === '416' ? contentRange : {}),
            content: problemContent,
          },
        ]),
      ),
    },
  };
}

function requestBody({ body, upload }: Route, schemaOf: SchemaOf): Json {
  // In OpenAPI 3.1 binary content has no schema.
  if (upload !== undefined) {
    const { contentType, example } = upload;
    return { requestBody: { required: true, content: { [contentType]: { example } } } };
  }
  if (body === undefined) return {};
  const content = { 'application/json': { schema: schemaOf(body, 'input'), ...firstExample(body) } };
  return { requestBody: { required: true, content } };
}

/** The body that Swagger UI offers to send. Without an example it fills in every field, with 0 for each id. */
function firstExample(body: z.ZodType): Json {
  const [example] = (body.meta()?.examples ?? []) as unknown[];
  return example === undefined ? {} : { example };
}

function headerParameters(headers: Record<string, string>, required: boolean): Json[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  }));
}

const ignoredFields = {
  'Ignored-Fields':
    'Names of the body that did nothing, percent-encoded and separated by commas: 20 at most, in 1 kB; … at the end stands for more. Only on the bundled trigger server.',
};

const contentRange = { 'Content-Range': 'Which bytes, and of how many.' };

function successes(route: Route, content: Json): Json {
  const status = route.successStatus ?? 200;
  const whole = headers(route.replyHeaders, route.successHeaders);
  return {
    [status]: { description: status === 202 ? 'Taken; it is done soon.' : 'Done.', headers: whole, content },
    ...Object.fromEntries(
      Object.entries(route.otherSuccess ?? {}).map(([other, description]) => [
        other,
        { description, headers: whole, content },
      ]),
    ),
    ...(route.servesRanges === true
      ? {
          206: {
            description: 'The part that was asked for.',
            headers: { ...whole, ...headers(contentRange) },
            content,
          },
        }
      : {}),
  };
}

function replyContent(route: Route, schemaOf: SchemaOf): Json {
  // In OpenAPI 3.1 binary content has no schema.
  if (route.streams !== undefined) return Object.fromEntries(route.streams.map((type) => [type, {}]));
  return { 'application/json': { schema: schemaOf(route.reply, 'output') } };
}

function headers(...groups: (Record<string, string> | undefined)[]): Json {
  return Object.fromEntries(
    Object.entries(Object.assign({}, ...groups) as Record<string, string>).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' } },
    ]),
  );
}

function operationId(route: Route): string {
  const words = route.path.split(/[/{}_-]+/).filter((word) => word !== '');
  return route.method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query', schemaOf: SchemaOf): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
    schema: schemaOf(field as z.ZodType, 'input'),
  }));
}

/** Moves named schemas to the components and refers to them. */
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
