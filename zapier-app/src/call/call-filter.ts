/** The filter of the triggers: the ended calls that fire them. */
import type { neverConnectedStatuses } from '@dograh-trigger/shared';
import { defineInputFields, type InferInputData } from 'zapier-platform-core';
import type { CallRecord } from './call-record';

const statuses: Record<'completed' | (typeof neverConnectedStatuses)[number], string> = {
  completed: 'Completed',
  busy: 'Busy',
  'no-answer': 'No Answer',
  canceled: 'Canceled',
  failed: 'Failed',
  error: 'Error',
  expired: 'Expired',
};

export const callFilter = defineInputFields([
  {
    key: 'agent',
    label: 'Agent',
    type: 'string',
    required: false,
    dynamic: 'list_agents.id.name',
    helpText: 'Only calls of this agent. Leave it empty for the calls of all agents.',
  },
  {
    key: 'statuses',
    label: 'Statuses',
    type: 'string',
    list: true,
    required: false,
    choices: statuses,
    helpText:
      'Only calls that ended like this. Leave it empty for all calls. A call that was answered is completed.',
  },
]);

export type CallFilter = InferInputData<typeof callFilter>;

export function matchesFilter(
  { status }: Pick<CallRecord, 'status'>,
  { statuses: selection }: CallFilter,
): boolean {
  const chosen = (selection ?? []).filter((word) => word !== '');
  return chosen.length === 0 || chosen.includes(status);
}
