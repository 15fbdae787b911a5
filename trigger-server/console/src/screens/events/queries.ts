/** What the events screens read and change. */
import type {
  AgentListItem,
  Hook,
  WebhookCredential,
  WebhookDeliveryDetails,
  WebhookDeliveryPage,
  WebhookSecret,
} from '@dograh-trigger/shared';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/http';
import { deliveryKeys } from '../../api/live';
import type { DeliveryFilter } from './delivery-filter';

export const hooksKey = ['hooks'] as const;
export const secretKey = ['webhook-secret'] as const;
export const credentialsKey = ['credentials'] as const;
export const secretPath = '/organizations/webhook-secret';

export function useHooks() {
  return useQuery({ queryKey: hooksKey, queryFn: ({ signal }) => api<Hook[]>('GET', '/hooks', { signal }) });
}

export function credentialPath({ uuid }: Pick<WebhookCredential, 'uuid'>): string {
  return `/credentials/${encodeURIComponent(uuid)}`;
}

/** The secret is read only when somebody wants to see it. */
export function useSecret(enabled: boolean) {
  return useQuery({
    queryKey: secretKey,
    enabled,
    gcTime: 0,
    queryFn: ({ signal }) => api<WebhookSecret>('GET', secretPath, { signal }),
  });
}

export function useCredentials() {
  return useQuery({
    queryKey: credentialsKey,
    queryFn: ({ signal }) => api<WebhookCredential[]>('GET', '/credentials/', { signal }),
  });
}

export function useDeliveries(filter: DeliveryFilter) {
  return useQuery({
    queryKey: [...deliveryKeys.list, filter],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      api<WebhookDeliveryPage>('GET', '/webhook-deliveries', {
        query: { status: filter.status, run_id: filter.runId, page: filter.page, limit: 50 },
        signal,
      }),
  });
}

export function useDelivery(deliveryId: string) {
  return useQuery({
    queryKey: [...deliveryKeys.one, deliveryId],
    queryFn: ({ signal }) =>
      api<WebhookDeliveryDetails>('GET', `/webhook-deliveries/${encodeURIComponent(deliveryId)}`, { signal }),
  });
}

/** A request that changes what these keys read. */
export function useChange<Input, Reply>(
  keys: readonly (readonly string[])[],
  send: (input: Input) => Promise<Reply>,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

export const deliveryLists = [deliveryKeys.list, deliveryKeys.one];

/** The agents, for their names and for the choice of one. */
export function useAgents() {
  return useQuery({
    queryKey: ['agents', 'all'],
    queryFn: ({ signal }) => api<AgentListItem[]>('GET', '/workflow/fetch', { signal }),
  });
}
