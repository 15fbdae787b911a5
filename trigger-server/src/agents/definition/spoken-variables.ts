/** Which values an agent's texts need, copied out of its definition when it is saved, so that a trigger reads columns only. */
import {
  listSpokenVariables,
  listTextVariables,
  type AgentDefinition,
  type TemplateVariable,
} from '@dograh-trigger/shared';
import { isGreetingTooLong } from '../text-limits';

/** So many names are kept: whoever fills these finds the others, and every call reads them. */
const mostNeeded = 1000;

/** Names without a fallback, as `initial_context` holds them; the first 1,000 of them. */
export interface NeededVariables {
  /** Of the Start node's greeting; null when it has none. */
  greeting: string[] | null;
  /** Set where the greeting is too long to be spoken; its names are not listed then. */
  isGreetingTooLong?: true;
  /** Of everything that the agent may say, its greeting too. */
  prompts: string[];
}

export function neededVariables(definition: AgentDefinition): NeededVariables {
  const prompts = neededIn(listSpokenVariables(definition));
  const greeting = startGreetingOf(definition);
  if (greeting === null) return { greeting, prompts };
  if (isGreetingTooLong(greeting)) return { greeting: [], isGreetingTooLong: true, prompts };
  return { greeting: neededIn(listTextVariables(greeting)), prompts };
}

/** The names of those that nothing is said for when their value is missing. */
export function neededIn(variables: readonly TemplateVariable[]): string[] {
  const needed = variables.filter(({ fallback }) => fallback === null).map(({ name }) => name);
  return needed.slice(0, mostNeeded);
}

/** The template of the Start node; null when there is nothing in it. */
export function startGreetingOf({ nodes }: AgentDefinition): string | null {
  const greeting = nodes.find(({ type }) => type === 'startCall')?.data.greeting;
  return typeof greeting === 'string' && greeting.trim() !== '' ? greeting : null;
}
