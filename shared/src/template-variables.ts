/** Which values a caller may give an agent, read from the agent's own texts. */
import { fallbackText } from './template';
import { isClockName } from './template-clock';
import { scanTemplate } from './template-scanner';
import type { AgentDefinition } from './contracts';

export interface TemplateVariable {
  /** Dotted name inside `initial_context`, for example `user.name`. */
  name: string;
  /** What the agent says when the value is missing; `null` when it says nothing, so that the value is wanted. */
  fallback: string | null;
}

const spokenNodeTypes: ReadonlySet<string> = new Set(['startCall', 'agentNode', 'endCall', 'globalNode']);
const contextPrefix = 'initial_context.';

/** Names that the server fills in by itself (Dograh: workflow_graph.py). */
const serverNames: ReadonlySet<string> = new Set(['campaign_id', 'provider', 'source_uuid']);

/**
 * Lists the variables in the prompts and greetings of a definition and in the transition speech of its edges, each
 * name once, in order of appearance. A name that appears anywhere without a fallback has none.
 */
export function listTemplateVariables(definition: AgentDefinition): TemplateVariable[] {
  const variables = new Map<string, TemplateVariable>();
  for (const place of spokenTexts(definition).flatMap(scanTemplate)) {
    const name = place.path.startsWith(contextPrefix) ? place.path.slice(contextPrefix.length) : place.path;
    if (name === '' || isClockName(name) || serverNames.has(name)) continue;
    const fallback = fallbackText(place);
    const known = variables.get(name);
    if (!known) variables.set(name, { name, fallback });
    else if (fallback === null) known.fallback = null;
  }
  return [...variables.values()];
}

function spokenTexts({ nodes, edges }: AgentDefinition): string[] {
  return [
    ...nodes
      .filter((node) => spokenNodeTypes.has(node.type))
      .flatMap((node) => [node.data.greeting, node.data.prompt]),
    ...edges.map((edge) => edge.data?.transition_speech),
  ].filter((text) => typeof text === 'string');
}
