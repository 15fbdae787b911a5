/** The lines of a callee that is only played, in the sandbox: of the call, or else of its agent. */
import type { AgentConfigurations, JsonObject } from '@dograh-trigger/shared';

/** Of a call. The rest is left out. */
const mostLines = 100;

/**
 * A text has one line a row, for hosts whose variables are texts. An empty line is a silence.
 * @param context the initial context of the call.
 */
export function calleeLines(
  context: JsonObject,
  { sandbox_says: usual = [] }: AgentConfigurations,
): string[] {
  const { sandbox_says: given = null } = context;
  const lines = typeof given === 'string' ? given.split('\n') : (given ?? usual);
  if (!Array.isArray(lines)) return [];
  return lines.filter((line) => typeof line === 'string').slice(0, mostLines);
}
