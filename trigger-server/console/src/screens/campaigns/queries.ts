/** What the screens of campaigns read. */
import type { Campaign, CampaignDefaults, Campaigns, RunPage } from '@dograh-trigger/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/http';
import { runKeys } from '../../api/live';

/** A campaign moves with its calls, so it is read anew with them. */
const campaignKey = [...runKeys.list, 'campaigns'];

/** Contacts that cannot be called are no news of a call. */
const readMilliseconds = 5000;

const moves = (campaign: Campaign) => campaign.state === 'running' || campaign.state === 'syncing';

export function campaignPath(id: number): string {
  return `/campaign/${String(id)}`;
}

export function useCampaigns() {
  return useQuery({
    queryKey: [...campaignKey, 'all'],
    queryFn: async ({ signal }) => (await api<Campaigns>('GET', '/campaign/', { signal })).campaigns,
    refetchInterval: ({ state }) => (state.data?.some(moves) === true ? readMilliseconds : false),
  });
}

export function useCampaign(id: number) {
  return useQuery({
    queryKey: [...campaignKey, id],
    queryFn: ({ signal }) => api<Campaign>('GET', campaignPath(id), { signal }),
    refetchInterval: ({ state }) =>
      state.data !== undefined && moves(state.data) ? readMilliseconds : false,
  });
}

/** The newest of its calls. */
export function useCallsOf(id: number) {
  return useQuery({
    queryKey: [...campaignKey, id, 'calls'],
    queryFn: ({ signal }) =>
      api<RunPage>('GET', `${campaignPath(id)}/runs`, { query: { limit: 10 }, signal }),
  });
}

export function useCampaignDefaults() {
  return useQuery({
    queryKey: ['campaign-defaults'],
    queryFn: ({ signal }) => api<CampaignDefaults>('GET', '/organizations/campaign-defaults', { signal }),
  });
}

/** A request that changes a campaign, or makes one. The screens are read anew after it, also when it failed. */
export function useCampaignChange<Input>(work: (input: Input) => Promise<Campaign>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSettled: () => queries.invalidateQueries({ queryKey: campaignKey }),
  });
}
