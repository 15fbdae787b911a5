/** What an import of agents has done, in sentences. */
import type { ImportedAgents } from '@dograh-trigger/shared';

export function importWords({ created, kept, refused, remaining }: ImportedAgents): string[] {
  return [
    `${counted(created.length)} made, ${String(kept.length)} here already.`,
    ...refused.map(({ name, reason }) => `${name} was not imported. ${reason}`),
    ...(remaining === 0 ? [] : [`${counted(remaining)} left: import the next ones.`]),
  ];
}

function counted(agents: number): string {
  return agents === 1 ? '1 agent' : `${String(agents)} agents`;
}
