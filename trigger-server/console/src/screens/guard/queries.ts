/** What the screen of guard and keys reads. */
import type {
  ApiKey,
  AuditPage,
  DestinationPolicyInForce,
  OrganizationUser,
  RetentionSettings,
} from '@dograh-trigger/shared';
import { queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '../../api/http';

export const policyKey = ['destination-policy'] as const;
export const policyPath = '/organizations/destination-policy';
export const retentionKey = ['retention'] as const;
export const retentionPath = '/organizations/retention';
export const keysKey = ['api-keys'] as const;
export const keysPath = '/user/api-keys';

export const policyQuery = queryOptions({
  queryKey: policyKey,
  queryFn: ({ signal }) => api<DestinationPolicyInForce>('GET', policyPath, { signal }),
});

export const retentionQuery = queryOptions({
  queryKey: retentionKey,
  queryFn: ({ signal }) => api<RetentionSettings>('GET', retentionPath, { signal }),
});

export function useUsers() {
  return useQuery({
    queryKey: ['organization-users'],
    queryFn: ({ signal }) => api<OrganizationUser[]>('GET', '/organizations/users', { signal }),
  });
}

/** Archived keys, too. */
export function useApiKeys() {
  return useQuery({
    queryKey: keysKey,
    queryFn: ({ signal }) => api<ApiKey[]>('GET', keysPath, { query: { include_archived: true }, signal }),
  });
}

/** Newest first, page by page. */
export function useAudit() {
  return useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam, signal }) =>
      api<AuditPage>('GET', '/organizations/audit', { query: { before: pageParam }, signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next_before: before }) => before ?? undefined,
  });
}
