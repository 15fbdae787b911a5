/** The carriers of this server, the organization's accounts, and what a carrier whose agents hold the calls offers. */
import type {
  CallerIdList,
  ProviderMetadata,
  RemoteAgentList,
  TelephonyConfigurationListItem,
} from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { api } from './http';

/** A change refreshes all that is read under it. */
export const telephonyKey = 'telephony';
export const accountsPath = '/organizations/telephony-configs';

export function accountPath(accountId: number): string {
  return `${accountsPath}/${accountId}`;
}

export function useAccounts() {
  return useQuery({
    queryKey: [telephonyKey, 'accounts'],
    queryFn: async ({ signal }) => {
      type Reply = { configurations: TelephonyConfigurationListItem[] };
      return (await api<Reply>('GET', accountsPath, { signal })).configurations;
    },
  });
}

/** The agents of a carrier whose own agents hold the calls. @param accountId null: nothing is read. */
export function useRemoteAgents(accountId: number | null) {
  return useQuery({
    queryKey: [telephonyKey, 'remote-agents', accountId],
    enabled: accountId !== null,
    queryFn: async ({ signal }) => {
      const path = `${accountPath(accountId ?? 0)}/remote-agents`;
      return (await api<RemoteAgentList>('GET', path, { signal })).agents;
    },
  });
}

/** The numbers that the calls of such a carrier can show. @param accountId null: nothing is read. */
export function useCallerIds(accountId: number | null) {
  return useQuery({
    queryKey: [telephonyKey, 'caller-ids', accountId],
    enabled: accountId !== null,
    queryFn: async ({ signal }) => {
      const path = `${accountPath(accountId ?? 0)}/caller-ids`;
      return (await api<CallerIdList>('GET', path, { signal })).caller_ids;
    },
  });
}

/** The names of the carriers whose agents hold the calls. Empty while they are not known. */
export function useHolders(): readonly string[] {
  const { data = [] } = useProviders();
  return data.filter(({ answers }) => answers?.includes('dograh')).map(({ provider }) => provider);
}

/** The carriers that this server knows, and the settings of each. */
export function useProviders() {
  return useQuery({
    queryKey: ['telephony-providers'],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      type Reply = { providers: ProviderMetadata[] };
      return (await api<Reply>('GET', '/organizations/telephony-providers/metadata', { signal })).providers;
    },
  });
}
