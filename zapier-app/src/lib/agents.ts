/** Agents by the value that the Agent dropdown has for them. */
import { fieldRefusal, fieldText, parseTriggerReference } from '@dograh-trigger/shared';
import type { AgentChoice, TriggerClient } from '@dograh-trigger/shared';

/** The end of the trigger route for an agent's own UUID, which needs no trigger node in the agent. */
export function agentValue({ uuid }: AgentChoice): string {
  return `workflow/${uuid}`;
}

/** Undefined for an agent that is named by the path of its trigger, which no list holds, or not mapped yet. */
export function agentUuid(value: unknown): string | undefined {
  const target = parseTriggerReference(fieldText(value))?.target;
  return target !== undefined && 'agentUuid' in target ? target.agentUuid : undefined;
}

/** The agent that an optional filter chooses; undefined when it is empty. @throws TriggerError */
export async function chosenAgent(client: TriggerClient, value: unknown): Promise<AgentChoice | undefined> {
  if (fieldText(value) === '') return undefined;
  const uuid = agentUuid(value);
  if (uuid === undefined) throw fieldRefusal('Agent', 'choose one from the list, or leave it empty for all');
  return client.findAgent(uuid);
}
