/** Which settings a call is placed again by: those of its request or its campaign, else those of its agent. */
import { retry as retrySchema, type AgentConfigurations, type Retry } from '@dograh-trigger/shared';
import type { Services } from '../../services';
import type { Schedule } from '../waiting/schedule';

/** @returns null for a call that is placed once. */
export function retryOf(
  { config }: Pick<Services, 'config'>,
  schedule: Pick<Schedule, 'retry'>,
  configurations: AgentConfigurations,
): Retry | null {
  // Without the extension, only a campaign has settings.
  const ofItsAgent = config.extensions.has('scheduling') ? ofAgent(configurations) : null;
  const settings = schedule.retry ?? ofItsAgent;
  return settings === null || settings.max_attempts === 1 ? null : settings;
}

/** An agent from before there was a redial may have anything under this name. */
function ofAgent({ retry }: AgentConfigurations): Retry | null {
  const read = retrySchema.safeParse(retry);
  return read.success ? read.data : null;
}
