import {
  addToDoNotCallRequest,
  doNotCallEntry,
  doNotCallPage,
  parsePhoneNumber,
  recordedOutcome,
  removedFromDoNotCall,
  runOutcomeRequest,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery } from '../../../http/parameters';
import { route, type Route } from '../../../http/route';
import { invalidPlace } from '../../../problem';
import type { Services } from '../../../services';
import { parseDestination } from '../destination';
import { addNumber, additionOf, listEntries, readEntry, removeNumber } from './do-not-call';
import { recordOutcome } from './opt-out';

const list = { path: '/organizations/do-not-call', tag: 'Organizations', auth: 'member' } as const;

const one = {
  ...list,
  path: `${list.path}/{number}`,
  params: z.object({
    number: z.string().meta({ description: 'In E.164, with its plus as `%2B`.', example: '+14155550100' }),
  }),
} as const;

const place = ['path', 'number'];

/** The first digits of a number, as people write them. */
const begins = z
  .string()
  .transform((text) => text.replace(/[ .()-]/g, '').replace(/^(?!\+)/, '+'))
  .pipe(z.string().regex(/^\+\d{0,15}$/, 'Write the first digits of the number, with its country code'));

/** None without the extension, as on plain Dograh. What is on the list is not called then, either. */
export function doNotCallRoutes(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'deliveryAlarm'>,
): Route[] {
  if (!services.config.extensions.has('do-not-call')) return [];
  return [
    route({
      ...list,
      method: 'get',
      scope: 'read',
      summary: 'The do-not-call list, in the order of the numbers',
      description: 'Only where /health lists do-not-call.',
      query: z.object({
        limit: integerQuery(1, 100, 50),
        search: begins
          .default('+')
          .meta({ description: 'Only numbers that begin so: `+1415`.', example: '+1415' }),
        after: begins.default('+').meta({ description: 'Only numbers after this one: `next_after`.' }),
      }),
      reply: doNotCallPage,
      handle: ({ query }, { organizationId }) =>
        listEntries(services, organizationId, { begins: query.search, after: query.after }, query.limit),
    }),
    route({
      ...one,
      method: 'get',
      scope: 'any',
      summary: 'The entry of a number on the do-not-call list',
      description: 'An entry whose `until` has passed is found, too: see `is_active`.',
      reply: doNotCallEntry,
      refusals: { 404: 'The number is not on the list.', 422: 'The number is not in E.164.' },
      handle: ({ params }, { organizationId }) => readEntry(services, organizationId, e164Of(params.number)),
    }),
    route({
      ...one,
      method: 'put',
      scope: 'trigger',
      summary: 'Add a number to the do-not-call list',
      description:
        'From then on a call to it is 422 at `body.phone_number`, with the code `do_not_call`. An entry that is there already is replaced only by one that lasts longer; the reply is the entry as it is now. To shorten an entry, remove it first.',
      body: addToDoNotCallRequest,
      reply: doNotCallEntry,
      handle: ({ params, body }, identity) => {
        const { e164 } = parseDestination(params.number, place);
        const source = body.source ?? (identity.apiKeyId === null ? 'user' : 'key');
        return addNumber(services, identity, additionOf(services, e164, body, { source, runId: null }));
      },
    }),
    route({
      ...one,
      method: 'delete',
      scope: 'admin',
      summary: 'Remove a number from the do-not-call list',
      reply: removedFromDoNotCall,
      refusals: {
        403: 'An API key cannot remove a number; a signed-in user can.',
        404: 'The number is not on the list.',
        422: 'The number is not in E.164.',
      },
      handle: async ({ params }, identity) => {
        const number = e164Of(params.number);
        await removeNumber(services, identity, number);
        return { number, removed: true as const };
      },
    }),
    route({
      method: 'post',
      scope: 'trigger',
      path: '/workflow/{workflow_id}/runs/{run_id}/outcome',
      tag: 'Runs',
      summary: 'Say that the person called does not want to be called again',
      description:
        'Adds the number of the call to the do-not-call list, with the source `run`; also after the call has ended. Only where /health lists do-not-call.',
      auth: 'member',
      params: z.object({ workflow_id: idParameter, run_id: idParameter }),
      notFound: 'Workflow run not found',
      body: runOutcomeRequest,
      reply: recordedOutcome,
      refusals: {
        404: 'There is no such run in this organization, or it is of another key with the scope trigger.',
        409: 'The call is erased, so its number is not known.',
      },
      handle: ({ params, body }, identity) => recordOutcome(services, identity, params.run_id, body),
    }),
  ];
}

/** The number of an entry. Its numbering plan may have changed since it was added, so only its form is checked. */
function e164Of(number: string): string {
  const parsed = parsePhoneNumber(number);
  if (parsed.ok) return parsed.e164;
  throw invalidPlace({ type: 'phone_number', loc: place, msg: parsed.reason, input: null });
}
