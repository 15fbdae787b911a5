/** The filter of the triggers: the ended calls that start a workflow. */
import { notPlaced, summarizeRun, type Run } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';
import { agentField } from './agent-fields';

/** The fields of both triggers. */
export const triggerFields: INodeProperties[] = [
  agentField({ description: 'Only calls of this agent. Leave it empty for the calls of all agents.' }),
  {
    displayName: 'Statuses',
    name: 'statuses',
    type: 'multiOptions',
    default: [],
    description: 'Only calls that ended like this. Leave it empty for all calls.',
    options: [
      { name: 'Busy', value: 'busy' },
      { name: 'Canceled', value: 'canceled' },
      { name: 'Completed', value: 'completed', description: 'It was answered, by a person or a machine' },
      { name: 'Error', value: 'error' },
      { name: 'Expired', value: 'expired', description: 'It was not placed in its time' },
      { name: 'Failed', value: 'failed' },
      { name: 'No Answer', value: 'no-answer' },
    ],
  },
  {
    displayName: 'Simplify',
    name: 'simplify',
    type: 'boolean',
    default: true,
    description: 'Whether to return a simplified version of the response instead of the raw data',
  },
];

/**
 * @param statuses the field Statuses. A run that was not placed matches no status: its request will be repeated,
 *   and the server sends no event for it.
 */
export function matchesStatuses(run: Run, statuses: unknown): boolean {
  const chosen: unknown[] = Array.isArray(statuses) ? statuses : [];
  const { status, reason } = summarizeRun(run);
  return reason !== notPlaced && (chosen.length === 0 || chosen.includes(status));
}
