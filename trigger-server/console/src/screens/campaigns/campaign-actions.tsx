/** Starts, pauses and resumes a campaign, and makes another one of those whom it did not reach. */
import type { Campaign } from '@dograh-trigger/shared';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { useToast } from '../../ui/toast';
import { campaignPath, useCampaignChange } from './queries';

const actions = {
  start: { path: 'start', words: 'Start', done: 'The campaign runs.' },
  pause: { path: 'pause', words: 'Pause', done: 'The campaign pauses. Calls under way go on to their end.' },
  resume: { path: 'resume', words: 'Resume', done: 'The campaign runs again.' },
  redial: {
    path: 'redial',
    words: 'Call again those not reached',
    done: 'A campaign of those who were not reached is ready. Start it when they may be called.',
  },
} as const;
type Action = keyof typeof actions;

function actionFor({ state, redialed_campaign_id: redialed, failed_rows: failed }: Campaign): Action | null {
  switch (state) {
    case 'created':
      return 'start';
    case 'syncing':
    case 'running':
      return 'pause';
    case 'paused':
      return 'resume';
    case 'completed':
      return redialed === null && failed > 0 ? 'redial' : null;
    case 'failed':
      return null;
  }
}

export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const [asked, setAsked] = useState<Action | null>(null);
  const action = actionFor(campaign);
  return (
    <>
      {action !== null && (
        <Button
          kind={action === 'start' || action === 'resume' ? 'primary' : 'secondary'}
          onClick={() => setAsked(action)}
        >
          {actions[action].words}
        </Button>
      )}
      {asked !== null && <Question campaign={campaign} action={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function Question({
  campaign,
  action,
  onClose,
}: {
  campaign: Campaign;
  action: Action;
  onClose: () => void;
}) {
  const toast = useToast();
  const [, navigate] = useLocation();
  const { path, words, done } = actions[action];
  const change = useCampaignChange(() =>
    api<Campaign>('POST', `${campaignPath(campaign.id)}/${path}`, action === 'redial' ? { body: {} } : {}),
  );
  async function confirm(): Promise<void> {
    const { id } = await change.mutateAsync(undefined);
    toast(done);
    if (id !== campaign.id) navigate(`/campaigns/${String(id)}`);
  }
  return (
    <Confirm
      title={`${words}?`}
      action={words}
      danger={action === 'start' || action === 'resume'}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{consequence(campaign, action)}</p>
    </Confirm>
  );
}

function consequence({ total_rows: total, processed_rows: done }: Campaign, action: Action): string {
  const left = Math.max(0, (total ?? 0) - done);
  const contacts = `${left.toLocaleString('en')} ${left === 1 ? 'contact' : 'contacts'}`;
  switch (action) {
    case 'start':
      return `Phones ring: ${contacts} will be called, in the hours in which they may be called.`;
    case 'resume':
      return `Phones ring again: ${contacts} are left.`;
    case 'pause':
      return `Calls under way go on to their end. ${contacts} are left, and wait until you resume it.`;
    case 'redial':
      return 'A new campaign is made of them. It calls nobody until you start it.';
  }
}
