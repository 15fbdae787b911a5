/** Where a campaign stands: its state, and how many of its contacts are done. */
import type { Campaign } from '@dograh-trigger/shared';
import { Badge } from '../../ui/badge';
import { progressInWords, stateTones, stateWords } from './campaign-words';
import styles from './campaigns.module.css';

export function CampaignState({ campaign: { state } }: { campaign: Campaign }) {
  return <Badge tone={stateTones[state]}>{stateWords[state]}</Badge>;
}

export function CampaignProgress({ campaign }: { campaign: Campaign }) {
  return (
    <div className={styles.progress}>
      <progress
        max={Math.max(1, campaign.total_rows ?? 0)}
        value={campaign.processed_rows}
        aria-label={`Progress of ${campaign.name}`}
      />
      <span>{progressInWords(campaign)}</span>
    </div>
  );
}
