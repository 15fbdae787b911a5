/** One agent: the UUIDs that start its calls, and the variables in its texts. */
import * as z from 'zod';
import { agent, agentVersion, type AgentDefinition } from '../contracts';
import { pathId } from './path-id';
import { listTemplateVariables, type TemplateVariable } from '../template/variables';
import type { Connection } from './connection';

export interface AgentDetails {
  id: number;
  uuid: string | null;
  name: string;
  /** `draft` when the agent has unpublished changes. */
  versionStatus: string | null;
  /** Trigger path of the published definition; `null` when it has no trigger node. */
  productionTriggerUuid: string | null;
  /** Trigger path of the draft, or of the published definition when there is no draft. */
  testTriggerUuid: string | null;
  /** Variables of the published definition, then those that only the draft has. */
  variables: TemplateVariable[];
}

/** @throws TriggerError */
export async function readAgent(connection: Connection, id: number): Promise<AgentDetails> {
  const path = pathId('agent', id);
  const latest = await connection.read(`/workflow/fetch/${path}`, agent);
  const published =
    latest.version_status === 'published'
      ? latest.workflow_definition
      : await readPublished(connection, path);
  const definitions = published ? [published, latest.workflow_definition] : [latest.workflow_definition];
  return {
    id: latest.id,
    uuid: latest.workflow_uuid ?? null,
    name: latest.name,
    versionStatus: latest.version_status ?? null,
    productionTriggerUuid: published ? triggerUuid(published) : null,
    testTriggerUuid: triggerUuid(latest.workflow_definition),
    variables: listTemplateVariables({
      nodes: definitions.flatMap(({ nodes }) => nodes),
      edges: definitions.flatMap(({ edges }) => edges),
    }),
  };
}

/** Versions are listed newest first, and only a draft is newer than the published one: one short page is enough. */
async function readPublished(connection: Connection, id: string): Promise<AgentDefinition | undefined> {
  const versions = await connection.read(`/workflow/${id}/versions?limit=10`, z.array(agentVersion));
  return versions.find(({ status }) => status === 'published')?.workflow_json;
}

/** An agent has at most one trigger node (Dograh: trigger_paths.py). */
function triggerUuid({ nodes }: AgentDefinition): string | null {
  const path = nodes.find(({ type }) => type === 'trigger')?.data.trigger_path;
  return typeof path === 'string' ? path : null;
}
