/**
 * Makes an agent here for each agent of a carrier that holds calls with its own: then n8n, Zapier and the console offer
 * them. A repeated import makes no second one.
 */
import { createAgentRequest, mapInParallel, type ImportedAgents } from '@dograh-trigger/shared';
import { createAgent } from '../../agents/agents';
import { listHandedOver } from '../../agents/known-agents';
import { recordAudit } from '../../audit/audit';
import { isCarriersFault } from '../../carriers/kit/ask';
import { isNamed, type RemoteAgent, type RemoteContent } from '../../carriers/port/agents';
import { describeError } from '../../describe-error';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { CarrierServices } from '../tools';
import { definitionOfImported } from './definition';
import { listRemoteAgents, openRemote, type RemoteAccount } from './remote';

/** One request imports so many, so that it ends in time. */
const mostAtOnce = 100;
const readAtOnce = 4;

type Needs = CarrierServices & Pick<Services, 'chance' | 'namedTools'>;
type New = Pick<
  Parameters<typeof createAgent>[2],
  'name' | 'definition' | 'configurations' | 'templateVariables'
> & { uuid: string };
type Refused = ImportedAgents['refused'][number];

/**
 * @param after the id there of the last agent that the request before looked at; 0: from the beginning. Agents that cannot
 * be imported would otherwise fill each request anew.
 * @throws Problem not_found; not_implemented for a carrier without agents; bad_request for settings that do not fit;
 * unavailable when the carrier does not answer.
 */
export async function importAgents(
  services: Needs,
  identity: Identity,
  configurationId: number,
  after: number,
): Promise<ImportedAgents> {
  const { organizationId } = identity;
  const account = await openRemote(services, organizationId, configurationId);
  const there = await listRemoteAgents(services, account);
  const known = await listHandedOver(services.storage.read, organizationId, configurationId);
  const missing = there.filter(({ id, uuid }) => id > after && (uuid === null || !known.has(uuid)));
  const now = missing.slice(0, mostAtOnce);
  const read = await mapInParallel(now, readAtOnce, (agent) => prepare(services, account, agent));
  const remaining = missing.length - now.length;
  const reply: ImportedAgents = {
    created: [],
    kept: there.filter(isNamed).flatMap(({ uuid }) => {
      const here = known.get(uuid);
      return here === undefined ? [] : [{ ...here, remote_uuid: uuid }];
    }),
    refused: [],
    remaining,
    next_after: remaining === 0 ? null : (now.at(-1)?.id ?? null),
  };
  for (const one of read) {
    if ('reason' in one) reply.refused.push(one);
    else await addOne(services, identity, configurationId, one, reply);
  }
  return reply;
}

/** Makes the agent, unless another request was faster, and notes what became of it. */
async function addOne(
  services: Needs,
  identity: Identity,
  configurationId: number,
  { uuid, ...values }: New,
  reply: ImportedAgents,
): Promise<void> {
  const { organizationId, userId } = identity;
  try {
    const { isNew, ...agent } = await services.storage.write(async (session) => {
      await session.lock('organization', organizationId);
      const here = (await listHandedOver(session, organizationId, configurationId)).get(uuid);
      if (here !== undefined) return { isNew: false, ...here };
      const id = await createAgent(services, session, { ...values, organizationId, userId });
      await recordAudit(services, session, identity, { action: 'agent.created', subjectId: id });
      return { isNew: true, id, name: values.name };
    });
    reply[isNew ? 'created' : 'kept'].push({ ...agent, remote_uuid: uuid });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    reply.refused.push({ name: values.name, remote_uuid: uuid, reason: faultsOf(error) });
  }
}

function faultsOf({ detail, words }: Problem): string {
  return typeof detail === 'object' && 'errors' in detail
    ? [...new Set(detail.errors.map(({ message }) => message))].join(' ')
    : words;
}

const withoutUuid =
  'It has no UUID there. Make an agent here, and name in its answer the URL of its API trigger there.';

/** One that cannot be read is named in the reply, and keeps no other one out. */
async function prepare(
  { log }: Pick<Services, 'log'>,
  { id: accountId, agents, configuration, tools }: RemoteAccount,
  agent: RemoteAgent,
): Promise<New | Refused> {
  const refused = (reason: string): Refused => ({ name: agent.name, remote_uuid: agent.uuid, reason });
  if (!isNamed(agent)) return refused(withoutUuid);
  let content: RemoteContent | null;
  try {
    content = await agents.read(configuration, agent, tools);
  } catch (error) {
    if (!isCarriersFault(error)) throw error;
    log.warn({ error: describeError(error) }, 'an agent of a carrier could not be read');
    return refused('It could not be read there. Import again later.');
  }
  if (content === null) return refused('It is not there any more.');
  const definition = definitionOfImported(content.definition);
  const checked = createAgentRequest.safeParse({ name: agent.name, workflow_definition: definition });
  if (!checked.success) return refused('Its name or its definition cannot be stored here.');
  const { templateVariables, maxCallDuration } = content;
  const configurations = {
    answer: { mode: 'dograh', agent: `workflow/${agent.uuid}`, account_id: accountId },
    ...(maxCallDuration === null ? {} : { max_call_duration: maxCallDuration }),
  };
  return { uuid: agent.uuid, name: agent.name, definition, configurations, templateVariables };
}
