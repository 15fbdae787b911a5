/** Lists the variables in an agent's texts. */
import { reservedNames } from '../forms/reserved-names';
import { fallbackText } from './render';
import { isClockName } from './clock';
import { scanTemplate } from './scanner';
import { callMarker, type AgentDefinition } from '../contracts';

export interface TemplateVariable {
  /** Dotted name inside `initial_context`, for example `user.name`. */
  name: string;
  /** The text for a missing value; `null` when there is none, so the value is needed. */
  fallback: string | null;
}

/**
 * Top-level names of the context that the server sets itself. A caller's value is refused or replaced. Dograh lists
 * `campaign_id`, `provider` and `source_uuid` in workflow_graph.py, and writes the numbers when it dials.
 */
export const serverVariableNames: ReadonlySet<string> = new Set([
  ...reservedNames,
  'phone_number',
  'called_number',
  'caller_number',
  'call_id',
  'workflow_run_id',
  'campaign_id',
  'source_uuid',
  callMarker,
]);

/**
 * Names that forms do not offer, although the server does not set them: `gathered_context` exists only after the
 * call, and a greeting override is an instruction to the server. The names in an agent's `extraction_variables` are
 * offered: prompts use the caller's values, never the gathered ones (Dograh: pipecat_engine.py).
 */
const hiddenNames: ReadonlySet<string> = new Set(['gathered_context', 'greeting_override']);

/** Longer lists are of no use in a form or an error. One megabyte of text can contain 100,000 names. */
const maximumVariables = 10_000;

const spokenNodeTypes: ReadonlySet<string> = new Set(['startCall', 'agentNode', 'endCall', 'globalNode']);
const contextPrefix = 'initial_context.';

/**
 * Lists the variables of one text, each name once, without the prefix `initial_context`, in order of appearance,
 * the first 10,000 of them. A name that appears anywhere without a fallback has none. Clock names are left out, the server's own names are not.
 */
export function listTextVariables(text: string): TemplateVariable[] {
  return variablesIn([text]);
}

/**
 * Lists the variables of all texts of an agent, like {@link listTextVariables}: the prompts and greetings of its
 * nodes and the transition speech of its edges.
 */
export function listSpokenVariables(definition: AgentDefinition): TemplateVariable[] {
  return variablesIn(spokenTexts(definition));
}

/** The variables of an agent's texts that the caller can set. Forms offer these. */
export function listTemplateVariables(definition: AgentDefinition): TemplateVariable[] {
  return listSpokenVariables(definition).filter(({ name }) => {
    // A dotted name is a path; its first part is the top-level name.
    const [root = name] = name.split('.');
    return !serverVariableNames.has(root) && !hiddenNames.has(root);
  });
}

function variablesIn(texts: readonly string[]): TemplateVariable[] {
  const variables = new Map<string, TemplateVariable>();
  for (const place of texts.flatMap(scanTemplate)) {
    const name = place.path.startsWith(contextPrefix) ? place.path.slice(contextPrefix.length) : place.path;
    if (name === '' || isClockName(name)) continue;
    const known = variables.get(name);
    if (known === undefined) {
      if (variables.size < maximumVariables) variables.set(name, { name, fallback: fallbackText(place) });
    } else if (place.filter === null) {
      known.fallback = null;
    }
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
