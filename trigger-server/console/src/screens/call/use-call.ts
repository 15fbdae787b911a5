/** One call, and what was sent about it. */
import type { Run, WebhookDeliveryDetails, WebhookDeliveryPage } from '@dograh-trigger/shared';
import { useQueries, useQuery } from '@tanstack/react-query';
import { api } from '../../api/http';
import { deliveryKeys, runKeys } from '../../api/live';
import { isUnderWay } from '../../ui/run-words';

/** What is said in a call is no news of its own, so a call under way is read anew. */
const readMilliseconds = 3000;

export function useRun(runId: number) {
  return useQuery({
    queryKey: [...runKeys.one, runId],
    // The server finds a run by its own id, whatever the agent's.
    queryFn: ({ signal }) => api<Run>('GET', `/workflow/0/runs/${String(runId)}`, { signal }),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? readMilliseconds : false),
  });
}

/** More than any call has: five callback addresses, and the hooks and webhook nodes beside them. */
const mostDeliveries = 100;

/** The deliveries of a call with their attempts, oldest first. Those whose attempts are not read yet are left out. */
export function useDeliveries(runId: number) {
  const list = useQuery({
    queryKey: [...deliveryKeys.list, 'run', runId],
    queryFn: ({ signal }) =>
      api<WebhookDeliveryPage>('GET', '/webhook-deliveries', {
        query: { run_id: runId, limit: mostDeliveries },
        signal,
      }),
  });
  const details = useQueries({
    queries: (list.data?.deliveries ?? []).map(({ id }) => ({
      queryKey: [...deliveryKeys.one, id],
      queryFn: () => api<WebhookDeliveryDetails>('GET', `/webhook-deliveries/${id}`),
    })),
  });
  return {
    isPending: list.isPending || details.some(({ isPending }) => isPending),
    deliveries: details.flatMap(({ data }) => (data === undefined ? [] : [data])).reverse(),
    error: list.error ?? details.find(({ error }) => error !== null)?.error ?? null,
  };
}
