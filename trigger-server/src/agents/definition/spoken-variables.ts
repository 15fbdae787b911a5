/**
 * The variables that an agent's texts need. They are stored in a column when the definition is saved, so that a trigger
 * does not parse the definition.
 */
import {
  listSpokenVariables,
  listTextVariables,
  type AgentDefinition,
  type TemplateVariable,
} from '@dograh-trigger/shared';
import { isGreetingTooLong } from '../text-limits';

/** At most this many names are stored, because every call reads them. Once these are fixed, the next ones show up. */
const mostNeeded = 1000;

/** Names of variables without a fallback, as in `initial_context`: the first 1,000. */
export interface NeededVariables {
  /** The variables of the Start node's greeting; null when it has no greeting. */
  greeting: string[] | null;
  /** Set when the greeting is too long to be spoken. Its variables are not listed then. */
  isGreetingTooLong?: true;
  /** The variables of every text that the agent may say, including the greeting. */
  prompts: string[];
}

export function neededVariables(definition: AgentDefinition): NeededVariables {
  const prompts = neededIn(listSpokenVariables(definition));
  const greeting = startGreetingOf(definition);
  if (greeting === null) return { greeting, prompts };
  if (isGreetingTooLong(greeting)) return { greeting: [], isGreetingTooLong: true, prompts };
  return { greeting: neededIn(listTextVariables(greeting)), prompts };
}

/** The names of the variables without a fallback: nothing is said in their place when their value is missing. */
export function neededIn(variables: readonly TemplateVariable[]): string[] {
  const needed = variables.filter(({ fallback }) => fallback === null).map(({ name }) => name);
  return needed.slice(0, mostNeeded);
}

/** The template of the Start node's greeting; null when it is empty. */
export function startGreetingOf({ nodes }: AgentDefinition): string | null {
  const greeting = nodes.find(({ type }) => type === 'startCall')?.data.greeting;
  return typeof greeting === 'string' && greeting.trim() !== '' ? greeting : null;
}
