/**
 * What a key with the scope `trigger` sees of an agent: what forms need to offer its variables, and its trigger. The rest
 * may hold secrets, such as headers of webhook nodes and addresses with a token.
 */
import type { Agent, AgentDefinition, AgentVersion, JsonObject } from '@dograh-trigger/shared';
import type { Identity } from '../http/route';

const shownTypes: ReadonlySet<string> = new Set([
  'startCall',
  'agentNode',
  'endCall',
  'globalNode',
  'trigger',
]);
const shownOfNode = ['name', 'greeting', 'prompt', 'trigger_path', 'enabled'];
const shownOfEdge = ['label', 'transition_speech'];

export function agentFor({ scope }: Pick<Identity, 'scope'>, agent: Agent): Agent {
  if (scope !== 'trigger') return agent;
  return {
    ...agent,
    workflow_definition: textsOf(agent.workflow_definition),
    template_context_variables: null,
    workflow_configurations: null,
  };
}

export function versionFor({ scope }: Pick<Identity, 'scope'>, version: AgentVersion): AgentVersion {
  if (scope !== 'trigger') return version;
  return {
    ...version,
    workflow_json: textsOf(version.workflow_json),
    template_context_variables: null,
    workflow_configurations: null,
  };
}

function textsOf({ nodes, edges }: AgentDefinition): AgentDefinition {
  const shown = nodes.filter(({ type }) => shownTypes.has(type));
  const ids = new Set(shown.map(({ id }) => id));
  return {
    nodes: shown.map(({ id, type, position, data }) => ({
      id,
      type,
      position,
      data: pick(data, shownOfNode),
    })),
    edges: edges
      .filter(({ source, target }) => ids.has(source) && ids.has(target))
      .map(({ id, source, target, data }) => ({ id, source, target, data: pick(data ?? {}, shownOfEdge) })),
  };
}

function pick(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));
}
