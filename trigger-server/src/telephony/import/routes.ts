/** What a carrier whose own agents hold calls offers, and the import of its agents. */
import { callerIdList, importedAgents, remoteAgentList } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery } from '../../http/parameters';
import { route, type Route } from '../../http/route';
import type { Services } from '../../services';
import { configurationNotFound } from '../configurations';
import type { CarrierServices } from '../tools';
import { importAgents } from './agents';
import { presentCallerIds, presentRemoteAgents } from './remote';

const one = '/organizations/telephony-configs/{config_id}';

export function remoteRoutes(services: CarrierServices & Pick<Services, 'chance' | 'namedTools'>): Route[] {
  const found = {
    tag: 'Telephony',
    auth: 'member',
    params: z.object({ config_id: idParameter }),
    notFound: configurationNotFound,
    refusals: {
      400: 'The stored settings do not fit this version of the server.',
      404: 'There is no such configuration in this organization.',
      501: 'This carrier has no agents of its own.',
      503: 'The carrier could not be read, or the stored credentials cannot be read with this SECRETS_KEY.',
    },
  } as const;
  return [
    route({
      ...found,
      method: 'get',
      scope: 'read',
      path: `${one}/remote-agents`,
      summary: 'The active agents of the carrier, as it lists them now',
      description: 'For a Dograh: those that the answer of an agent here can name.',
      reply: remoteAgentList,
      handle: (input, { organizationId }) =>
        presentRemoteAgents({ ...services, log: input.log }, organizationId, input.params.config_id),
    }),
    route({
      ...found,
      method: 'get',
      scope: 'read',
      path: `${one}/caller-ids`,
      summary: 'The numbers that calls through the carrier can show, as it lists them now',
      description: 'For a Dograh: the active numbers of its telephony configurations.',
      reply: callerIdList,
      handle: (input, { organizationId }) =>
        presentCallerIds({ ...services, log: input.log }, organizationId, input.params.config_id),
    }),
    route({
      ...found,
      method: 'post',
      scope: 'admin',
      path: `${one}/import-agents`,
      summary: 'Make an agent here for each active agent of the carrier',
      description:
        'For a Dograh: calls of the new agents are handed over to the agents there. Each takes over the texts, so that their variables are known, and has a trigger of its own. Repeated, it makes no second one, and changes none.',
      query: z.object({
        after: integerQuery(0, 2 ** 31 - 1, 0).meta({
          description: 'The next_after of the reply before, to import the agents that it left.',
        }),
      }),
      reply: importedAgents,
      handle: (input, identity) =>
        importAgents({ ...services, log: input.log }, identity, input.params.config_id, input.query.after),
    }),
  ];
}
