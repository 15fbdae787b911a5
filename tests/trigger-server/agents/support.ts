/** Requests to the API of agents. */
import type { Agent, AgentVersion, DefinitionReport, JsonObject } from '@dograh-trigger/shared';
import type { Account, TestServer } from '../../support/test-server';

export function get(server: TestServer, account: Account, path: string) {
  return server.request.get(`/api/v1/workflow/${path}`).set('X-API-Key', account.apiKey);
}

export function post(server: TestServer, account: Account, path: string, body: object = {}) {
  return server.request.post(`/api/v1/workflow/${path}`).set('X-API-Key', account.apiKey).send(body);
}

export function put(server: TestServer, account: Account, path: string, body: object) {
  return server.request.put(`/api/v1/workflow/${path}`).set('X-API-Key', account.apiKey).send(body);
}

export async function fetchAgent(server: TestServer, account: Account, id: number): Promise<Agent> {
  return (await get(server, account, `fetch/${String(id)}`).expect(200)).body as Agent;
}

export async function fetchVersions(
  server: TestServer,
  account: Account,
  id: number,
): Promise<AgentVersion[]> {
  return (await get(server, account, `${String(id)}/versions`).expect(200)).body as AgentVersion[];
}

/** The faults in a refusal, without their messages. */
export function places(reply: { body: unknown }): [string, string | null, string | null][] {
  const { detail } = reply.body as { detail: DefinitionReport };
  return detail.errors.map(({ kind, id, field }) => [kind, id, field]);
}

export function node(id: string, type: string, data: JsonObject) {
  return { id, type, position: { x: 0, y: 0 }, data };
}

export function edge(id: string, source: string, target: string, data: JsonObject) {
  return { id, source, target, data };
}

export const start = node('start', 'startCall', { name: 'Start', prompt: 'Be brief.' });

export function trigger(path: unknown, id = 'trigger') {
  return node(id, 'trigger', { name: 'API Trigger', trigger_path: path as string });
}
