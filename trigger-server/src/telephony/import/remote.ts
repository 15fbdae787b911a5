/** Opens an account at a carrier whose own agents hold calls, and reads what it offers. */
import type { CallerIdList, RemoteAgentList } from '@dograh-trigger/shared';
import { listHandedOver } from '../../agents/known-agents';
import { isCarriersFault } from '../../carriers/kit/ask';
import { isNamed, type RemoteAgent, type RemoteAgents } from '../../carriers/port/agents';
import { describeError } from '../../describe-error';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { requireConfiguration } from '../configurations';
import { openAccount, type CarrierAccount } from '../open-account';
import { listNumbers } from '../store';
import type { CarrierServices } from '../tools';

export interface RemoteAccount extends CarrierAccount {
  /** Of the telephony configuration here. */
  id: number;
  agents: RemoteAgents<CarrierAccount['configuration']>;
}

/**
 * @throws Problem not_found; not_implemented for a carrier without agents; bad_request for settings that do not fit;
 * unavailable for settings that cannot be read.
 */
export async function openRemote(
  services: CarrierServices,
  organizationId: number,
  id: number,
): Promise<RemoteAccount> {
  const row = await requireConfiguration(services.storage.read, organizationId, id);
  const account = openAccount(services, row);
  if (account === 'unfit_settings') {
    throw new Problem(
      'bad_request',
      `The settings of '${row.name}' do not fit this version of the server. Save them again.`,
    );
  }
  if (account === 'no_provider' || account.provider.agents === undefined) {
    throw new Problem('not_implemented', `The carrier of '${row.name}' has no agents of its own.`);
  }
  return { ...account, id, agents: account.provider.agents };
}

/** By their ids. @throws Problem unavailable when the carrier does not answer, or refuses. */
export async function listRemoteAgents(
  services: Pick<Services, 'log'>,
  account: RemoteAccount,
): Promise<RemoteAgent[]> {
  const { agents, configuration, tools } = account;
  const list = await answered(services, account, 'agents', () => agents.list(configuration, tools));
  return list.toSorted((one, other) => one.id - other.id);
}

/** The agents there that can be named here, and which agent here stands for each. @throws Problem as {@link openRemote}, and unavailable. */
export async function presentRemoteAgents(
  services: CarrierServices,
  organizationId: number,
  configurationId: number,
): Promise<RemoteAgentList> {
  const account = await openRemote(services, organizationId, configurationId);
  const there = await listRemoteAgents(services, account);
  const known = await listHandedOver(services.storage.read, organizationId, configurationId);
  return {
    agents: there.filter(isNamed).map(({ name, uuid }) => ({
      name,
      remote_uuid: uuid,
      agent_id: known.get(uuid)?.id ?? null,
    })),
  };
}

/** The numbers that calls can show. @throws Problem as {@link openRemote}, and unavailable. */
export async function presentCallerIds(
  services: CarrierServices,
  organizationId: number,
  configurationId: number,
): Promise<CallerIdList> {
  const account = await openRemote(services, organizationId, configurationId);
  const { agents, configuration, tools } = account;
  const there = await answered(services, account, 'caller IDs', () =>
    agents.listCallerIds(configuration, tools),
  );
  const here = await listNumbers(services.storage.read, organizationId, configurationId);
  const usable = here.filter(({ is_active: isActive }) => isActive === 1);
  const ids = new Map(usable.map(({ id, address_normalized: address }) => [address, id]));
  return {
    caller_ids: there.map(({ address, telephonyConfigurationId, telephonyConfigurationName }) => ({
      address,
      telephony_configuration_id: telephonyConfigurationId,
      telephony_configuration_name: telephonyConfigurationName,
      phone_number_id: ids.get(address) ?? null,
    })),
  };
}

/** @throws Problem unavailable when the carrier does not answer, or refuses. */
async function answered<Answer>(
  { log }: Pick<Services, 'log'>,
  { provider }: CarrierAccount,
  what: 'agents' | 'caller IDs',
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!isCarriersFault(error)) throw error;
    log.warn({ error: describeError(error) }, `the ${what} of a carrier could not be read`);
    throw new Problem(
      'unavailable',
      `The ${what} of ${provider.displayName} could not be read, so nothing was done. Verify the account, and try again.`,
      { code: 'carrier_unreachable', cause: error },
    );
  }
}
