/** One agent: the UUIDs that start its calls, and the variables in its texts. */
import * as z from 'zod';
import { agent, agentVersion, type AgentDefinition, type AgentNode, type JsonValue } from '../contracts';
import { pathId } from './path-id';
import { listTemplateVariables, type TemplateVariable } from '../template/variables';
import type { Connection } from './connection';

/** A value that a step of an agent extracts from its conversation. */
export interface ExtractionVariable {
  name: string;
  /** `string`, `number` or `boolean`; a definition from elsewhere may have any word. */
  type: string;
  /** What to look for; may be empty. */
  hint: string;
}

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
  /** What the agent extracts, each name once, likewise. */
  extractionVariables: ExtractionVariable[];
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
  const nodes = definitions.flatMap((definition) => definition.nodes);
  return {
    id: latest.id,
    uuid: latest.workflow_uuid ?? null,
    name: latest.name,
    versionStatus: latest.version_status ?? null,
    productionTriggerUuid: published ? triggerUuid(published) : null,
    testTriggerUuid: triggerUuid(latest.workflow_definition),
    variables: listTemplateVariables({
      nodes,
      edges: definitions.flatMap(({ edges }) => edges),
    }),
    extractionVariables: onceByName(nodes.flatMap(extractionVariablesOf)),
  };
}

/** What is extracted when a conversation leaves this node. Empty where extraction is off. */
export function extractionVariablesOf({ data }: AgentNode): ExtractionVariable[] {
  const rows = data.extraction_enabled === true ? data.extraction_variables : null;
  return (Array.isArray(rows) ? rows : []).flatMap((row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return [];
    const name = textOf(row.name);
    return name === '' ? [] : [{ name, type: textOf(row.type) || 'string', hint: textOf(row.prompt) }];
  });
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function onceByName(variables: readonly ExtractionVariable[]): ExtractionVariable[] {
  const found = new Map<string, ExtractionVariable>();
  for (const variable of variables) if (!found.has(variable.name)) found.set(variable.name, variable);
  return [...found.values()];
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
