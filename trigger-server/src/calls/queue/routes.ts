import { cancelQueuedReply, cancelQueuedRequest, queuedCallChanges, run } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter } from '../../http/parameters';
import { route, type Route } from '../../http/route';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { cancelQueued } from './cancel-queued';
import { changeQueuedCall } from './change';

export function queueRoutes(
  services: Pick<
    Services,
    'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'deliveryAlarm' | 'queueAlarm'
  >,
): Route[] {
  return [
    route({
      method: 'patch',
      scope: 'trigger',
      path: '/workflow/{workflow_id}/runs/{run_id}',
      tag: 'Runs',
      summary: 'Change a queued call',
      description:
        'What is left out stays, and null removes. A call can be changed until it is placed. A key with the scope `trigger` changes the calls that it started. Only where /health lists scheduling.',
      auth: 'member',
      params: z.object({ workflow_id: idParameter, run_id: idParameter }),
      notFound: 'Workflow run not found',
      body: queuedCallChanges,
      reply: run,
      refusals: {
        404: 'There is no such run in this organization.',
        409: 'The call is no longer queued (code not_queued).',
        422: 'The request is not valid, or no call could keep its instants.',
      },
      handle: ({ params, body }, identity) => {
        assertQueue(services);
        return changeQueuedCall(services, identity, params.run_id, body);
      },
    }),
    route({
      method: 'post',
      scope: 'trigger',
      path: '/organizations/queue/cancel',
      tag: 'Runs',
      summary: 'Cancel calls that wait',
      description:
        'Ends the queued calls that match all that the request names, and sends their events: up to 500, those that are due first. Calls under way go on, and so do those of campaigns. A key with the scope `trigger` cancels the calls that it started. Only where /health lists scheduling.',
      auth: 'member',
      body: cancelQueuedRequest,
      reply: cancelQueuedReply,
      refusals: { 404: 'There is no such key or agent in this organization.' },
      handle: ({ body }, identity) => {
        assertQueue(services);
        return cancelQueued(services, identity, body);
      },
    }),
  ];
}

/** @throws Problem not_found where there is no such route, as on plain Dograh. */
function assertQueue({ config }: Pick<Services, 'config'>): void {
  if (!config.extensions.has('scheduling')) throw new Problem('not_found', 'Not Found');
}
