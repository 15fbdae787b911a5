/** Which values a caller may give an agent, read from the agent's own texts. */
import { reservedNames } from '../forms/reserved-names';
import { fallbackText } from './render';
import { isClockName } from './clock';
import { scanTemplate } from './scanner';
import { callMarker, type AgentDefinition } from '../contracts';

export interface TemplateVariable {
  /** Dotted name inside `initial_context`, for example `user.name`. */
  name: string;
  /** What the agent says when the value is missing; `null` when it says nothing, so that the value is wanted. */
  fallback: string | null;
}

/**
 * Names, at the top of the context, of which the server has a value of its own: a caller's is refused or replaced.
 * Dograh names `campaign_id`, `provider` and `source_uuid` (workflow_graph.py); it writes the numbers at the dial.
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
 * Names that no form offers, though no server fills them in a prompt: what a call gathers is known after it, and a
 * greeting override is an instruction to the server. A name of an agent's `extraction_variables` is no such name:
 * prompts see what the caller gave, never what the call has gathered (Dograh: pipecat_engine.py).
 */
const hiddenNames: ReadonlySet<string> = new Set(['gathered_context', 'greeting_override']);

/** No form, and no list of what is missing, is of use with more. A megabyte of text has room for 100,000 names. */
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
 * Lists the variables of everything that an agent says, as {@link listTextVariables} does of one text: the prompts and
 * greetings of its definition and the transition speech of its edges.
 */
export function listSpokenVariables(definition: AgentDefinition): TemplateVariable[] {
  return variablesIn(spokenTexts(definition));
}

/** The spoken variables that are the caller's to give: what a form offers. */
export function listTemplateVariables(definition: AgentDefinition): TemplateVariable[] {
  return listSpokenVariables(definition).filter(({ name }) => {
    // A dotted name is a path, and its first part is the name that the server sees.
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
