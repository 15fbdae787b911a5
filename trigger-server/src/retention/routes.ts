import { eraseReply, eraseRequest, erasedRun, retentionSettings } from '@dograh-trigger/shared';
import * as z from 'zod';
import { requireSignIn } from '../accounts/authentication';
import { idParameter } from '../http/parameters';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { eraseCall, eraseNumber } from './erase';
import { readSettings, saveSettings } from './settings';

const settings = {
  path: '/organizations/retention',
  tag: 'Organizations',
  auth: 'member',
  reply: retentionSettings,
} as const;

const erasure =
  'Removed are the number, both contexts, the transcript, the recording (at the carrier, too, where it documents a request for it), the carrier’s words, and the bodies of events; events that are not delivered yet are canceled. What stays is the run with its ids, times, status and duration, and its idempotency key, which answers any request with this run until it expires. An entry of the number on the do-not-call list stays.';

export function retentionRoutes(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance'>,
): Route[] {
  return [
    route({
      ...settings,
      method: 'get',
      scope: 'read',
      summary: 'How long calls, files and events are kept',
      handle: (_input, { organizationId }) => readSettings(services, organizationId),
    }),
    route({
      ...settings,
      method: 'put',
      scope: 'admin',
      summary: 'Replace how long calls, files and events are kept',
      description:
        'Replaces all settings: what is left out gets its default. What is older is removed for good, beginning within a minute.',
      body: retentionSettings,
      refusals: { 403: 'An API key cannot change the settings; a signed-in user can.' },
      handle: async ({ body }, identity) => {
        await requireSignIn(services, identity, 'change how long calls are kept');
        return saveSettings(services, identity, body);
      },
    }),
    route({
      method: 'delete',
      path: '/workflow/{workflow_id}/runs/{run_id}',
      tag: 'Runs',
      summary: 'Erase a call: remove everything about the person called',
      description: `${erasure} A queued call is canceled first. A call that is erased already stays as it is.`,
      auth: 'member',
      scope: 'admin',
      params: z.object({ workflow_id: idParameter, run_id: idParameter }),
      notFound: 'Workflow run not found',
      reply: erasedRun,
      refusals: {
        404: 'There is no such run in this organization.',
        409: 'The call is under way: cancel it, or wait for its end.',
      },
      handle: ({ params }, identity) => eraseCall(services, identity, params.run_id),
    }),
    route({
      method: 'post',
      path: '/organizations/erase',
      tag: 'Organizations',
      summary: 'Erase all calls to a number',
      description: `${erasure} Queued calls are canceled first. A number that occurs only in the context of another call is not found.`,
      auth: 'member',
      scope: 'admin',
      body: eraseRequest,
      reply: eraseReply,
      refusals: {
        409: 'All others were erased, but a call to this number is under way: cancel it or wait for its end, then send the request again.',
      },
      handle: ({ body }, identity) => eraseNumber(services, identity, body.phone_number),
    }),
  ];
}
