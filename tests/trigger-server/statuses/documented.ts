/**
 * Tests every status in the OpenAPI document. Each group of routes has a file with its name in this folder. The file
 * defines, for every operation and status, a request that results in this status.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { problemCodes } from '@dograh-trigger/shared';
import type { TestServer } from '../../support/test-server';

interface Operation {
  tags: [string];
  security: unknown[];
  requestBody?: unknown;
  responses: Record<string, { content: Record<string, unknown> }>;
}

/** A request that results in a status. */
export interface Ask {
  /** Relative to `/api/v1`. */
  path: string;
  apiKey?: string;
  /** A session token. */
  token?: string;
  /** An object is sent as JSON, a string unchanged. */
  body?: object | string;
  headers?: Record<string, string>;
  /** A server other than the one of the test file. */
  baseUrl?: string;
}

export type Asking = () => Ask | Promise<Ask>;

/** The reason why no test has a request for this status. */
export interface NotAsked {
  because: string;
}

/** By operation (`POST /hooks`) and status. Statuses that the general rules below cover may be omitted. */
export type StatusTable = Record<string, Partial<Record<number, Asking | NotAsked>>>;

// Another test compares this file with the document that the server returns.
const document = JSON.parse(
  readFileSync(join(__dirname, '../../../trigger-server/openapi.json'), 'utf8'),
) as { paths: Record<string, Record<string, Operation>> };

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path.replace('/api/v1', '')}`,
    method: method.toUpperCase(),
    ...operation,
  })),
);

export const groups = [...new Set(operations.map(({ tags: [tag] }) => tag))];

/** @returns a function that changes the successful request of an operation into one for this status. */
function generalRule(operation: Operation, status: number): ((ask: Ask) => Ask) | undefined {
  if (status === 401 && operation.security.length > 0) {
    return ({ apiKey: _apiKey, token: _token, ...stranger }) => stranger;
  }
  if (operation.requestBody === undefined) return undefined;
  switch (status) {
    case 400:
      return (ask) => ({ ...ask, body: '{}', headers: { ...ask.headers, 'Content-Encoding': 'gzip' } });
    case 413:
      return (ask) => ({ ...ask, body: JSON.stringify('x'.repeat(1024 * 1024)) });
    case 415:
      return (ask) => ({
        ...ask,
        headers: { ...ask.headers, 'Content-Type': 'application/json; charset=latin1' },
      });
    case 422:
      return (ask) => ({ ...ask, body: '[]' });
    default:
      return undefined;
  }
}

export async function send(server: TestServer, method: string, ask: Ask): Promise<Response> {
  const { apiKey, token, body } = ask;
  return fetch(`${ask.baseUrl ?? server.baseUrl}/api/v1${ask.path}`, {
    method,
    headers: {
      ...(apiKey === undefined ? {} : { 'X-API-Key': apiKey }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...ask.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/**
 * Declares the tests of one group.
 * @param fileName `__filename` of the test: `hooks.test.ts` is about the group Hooks.
 */
export function testStatuses(fileName: string, server: () => TestServer, table: StatusTable): void {
  const group = groups.find((tag) => `${tag.toLowerCase()}.test.ts` === basename(fileName));
  const documented = operations
    .filter(({ tags: [tag] }) => tag === group)
    .flatMap((operation) =>
      Object.keys(operation.responses).map((text) => ({
        name: `${operation.name} ${text}`,
        operation,
        status: Number(text),
        asking: table[operation.name]?.[Number(text)] ?? generalAsking(operation, Number(text)),
      })),
    );

  /** The successful request of the operation, changed for this status. */
  function generalAsking(operation: (typeof operations)[number], status: number): Asking | undefined {
    const change = generalRule(operation, status);
    const success = Object.entries(table[operation.name] ?? {}).find(([known]) => known.startsWith('2'))?.[1];
    if (change === undefined || typeof success !== 'function') return undefined;
    return async () => change(await success());
  }

  test('every documented status is asked for, and no other', () => {
    const names = documented.map(({ name }) => name);
    const inTable = Object.entries(table).flatMap(([name, statuses]) =>
      Object.keys(statuses).map((status) => `${name} ${status}`),
    );
    expect(names).not.toEqual([]);
    expect({
      missing: documented.filter(({ asking }) => asking === undefined).map(({ name }) => name),
      undocumented: inTable.filter((name) => !names.includes(name)),
    }).toEqual({ missing: [], undocumented: [] });
  });

  for (const { operation, status, asking } of documented) {
    if (typeof asking !== 'function') continue;
    test(`${operation.name} answers ${status}`, async () => {
      const reply = await send(server(), operation.method, await asking());
      const text = await reply.text();
      // If the status is a different one, the text contains the reason.
      expect([reply.status, reply.status === status ? '' : text]).toEqual([status, '']);
      const [type] = (reply.headers.get('content-type') ?? '').split(';');
      expect(Object.keys(operation.responses[status]?.content ?? {})).toContain(type);
      if (status >= 400) expect(problemCodes).toContain((JSON.parse(text) as { code: string }).code);
    });
  }
}
