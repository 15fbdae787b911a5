/** The field Events: what starts the workflow. */
import { webhookEvents, type WebhookEvent } from '@dograh-trigger/shared';
import type { IHookFunctions, INodeProperties } from 'n8n-workflow';

const onlyEnds: WebhookEvent[] = ['call.completed'];

export const eventsField: INodeProperties = {
  displayName: 'Events',
  name: 'events',
  type: 'multiOptions',
  default: ['call.completed'],
  description:
    'What starts the workflow. All but Call Completed need a Dograh Trigger server. A workflow with several starts once for each.',
  options: [
    {
      name: 'Answered',
      value: 'call.answered',
      description: 'Somebody, or a machine, has answered. Statuses do not apply.',
    },
    {
      name: 'Attempt Ended',
      value: 'call.attempt_ended',
      description: 'Each attempt of a call, also when the call is placed again later',
    },
    {
      name: 'Call Completed',
      value: 'call.completed',
      description: 'The call has ended and is not placed again',
    },
    {
      name: 'Files Ready',
      value: 'call.artifacts_ready',
      description: 'The recording and the transcript of an ended call exist, however long they took',
    },
  ] satisfies { name: string; value: WebhookEvent; description: string }[],
};

/** @returns Call Completed where nothing is chosen. */
export function readEvents(context: IHookFunctions): WebhookEvent[] {
  const chosen: unknown = context.getNodeParameter('events', onlyEnds);
  const events = webhookEvents.filter((type) => Array.isArray(chosen) && chosen.includes(type));
  return events.length === 0 ? onlyEnds : events;
}
