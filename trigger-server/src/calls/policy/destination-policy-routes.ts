import {
  destinationChecks,
  destinationCheckRequest,
  destinationPolicyInForce,
  replaceDestinationPolicyRequest,
} from '@dograh-trigger/shared';
import { requireSignIn } from '../../accounts/authentication';
import { route, type Route } from '../../http/route';
import type { Services } from '../../services';
import { checkDestinations } from './check-destination';
import { readPolicyInForce, replacePolicy } from './policy-revision';

const base = {
  path: '/organizations/destination-policy',
  tag: 'Organizations',
  auth: 'member',
  reply: destinationPolicyInForce,
} as const;

export function destinationPolicyRoutes(services: Pick<Services, 'storage' | 'clock'>): Route[] {
  return [
    route({
      ...base,
      method: 'get',
      scope: 'read',
      summary: 'Which numbers may be called, when, and how many a day',
      handle: (_input, { organizationId }) => readPolicyInForce(services, organizationId),
    }),
    route({
      ...base,
      method: 'put',
      scope: 'admin',
      summary: 'Replace the destination policy',
      description:
        'Replaces the whole policy: what is left out gets its default. With the `revision` of the policy, nothing is saved if somebody has changed it since (409, `policy_changed`). A call that the policy refuses answers 422 at `body.phone_number`, with the type `destination_refused` and the rule in `ctx.rule`. Outside the calling hours it also has `ctx.zones` (the time zones that the callee may be in), `ctx.zone_source` (how they are known: policy, request, prefix or country; null: not known) and `ctx.opens_at`, with `Retry-After`; `opens_at` is null, and `Retry-After` absent, if the hours do not open within a year. At the daily limit of a key it answers 429 with `Retry-After`.',
      body: replaceDestinationPolicyRequest,
      refusals: {
        403: 'An API key cannot change the policy; a signed-in user can.',
        409: 'The policy was changed since the revision that was sent.',
      },
      handle: async ({ body }, identity) => {
        await requireSignIn(services, identity, 'change the destination policy');
        return replacePolicy(services, identity, body);
      },
    }),
    route({
      ...base,
      method: 'post',
      scope: 'read',
      path: `${base.path}/check`,
      summary: 'Whether numbers may be called at a time',
      description:
        'Judges up to 1,000 numbers as their calls would be judged. Nobody is called, and nothing is counted. A number that cannot be dialled has its reason in its row. Limits of how many calls a key or the organization may place are not part of the answer.',
      body: destinationCheckRequest,
      reply: destinationChecks,
      handle: async ({ body }, { organizationId }) => ({
        results: await checkDestinations(services, organizationId, body.phone_numbers, {
          at: body.at == null ? services.clock.now() : new Date(body.at),
          timeZone: body.time_zone ?? null,
        }),
      }),
    }),
  ];
}
