/** The addresses of a trigger node as the server serves them now: what is not saved yet has no effect on them. */
import type { Agent, AgentDefinition, AgentNode } from '@dograh-trigger/shared';
import { triggerUrl, type TriggerEnvironment } from '../model/snippets';
import { textOf } from '../model/node-form';
import { useVersions } from '../editor/queries';

export interface TriggerAddress {
  address: string;
  /** Its last part. */
  path: string;
  /** False: it answers 404. */
  isEnabled: boolean;
}

function triggerOf(definition: AgentDefinition | undefined): AgentNode | undefined {
  return definition?.nodes.find(({ type }) => type === 'trigger');
}

/** Null for an environment in which the agent has no trigger. */
export function useUrls(agent: Agent): Record<TriggerEnvironment, TriggerAddress | null> {
  const { data: versions = [] } = useVersions(agent.id);
  const published =
    agent.version_status === 'published'
      ? agent.workflow_definition
      : versions.find(({ status }) => status === 'published')?.workflow_json;
  const { production = null, test = null } = agent.trigger_urls ?? {};
  const known = production ?? test;
  const addressOf = (
    definition: AgentDefinition | undefined,
    environment: TriggerEnvironment,
  ): TriggerAddress | null => {
    const node = triggerOf(definition);
    const path = textOf(node?.data['trigger_path']);
    if (node === undefined || path === '') return null;
    return {
      address: triggerUrl(known, window.location.origin, path, environment),
      path,
      isEnabled: node.data['enabled'] !== false,
    };
  };
  return {
    test: addressOf(agent.workflow_definition, 'test'),
    production: addressOf(published, 'production'),
  };
}
