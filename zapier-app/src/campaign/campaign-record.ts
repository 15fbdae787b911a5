/** The flat record of a campaign, which later steps map. It has the same keys in every step and on every server. */
import { fieldRefusal, type ShownCampaign } from '@dograh-trigger/shared';
import { defineInputFields } from 'zapier-platform-core';
import { readId } from '../platform/fields';
import { readInstant } from '../platform/instant';

export function campaignRecord(campaign: ShownCampaign) {
  const { total_rows: contacts, processed_rows: processed } = campaign;
  return {
    id: campaign.id,
    name: campaign.name,
    agent_id: campaign.workflow_id,
    agent_name: campaign.workflow_name,
    state: campaign.state,
    is_completed: campaign.state === 'completed',
    contacts,
    processed_contacts: processed,
    failed_contacts: campaign.failed_rows,
    progress_percentage: percentage(processed, contacts ?? 0),
    created_at: readInstant(campaign.created_at).toISOString(),
    started_at: instantOrNull(campaign.started_at),
    completed_at: instantOrNull(campaign.completed_at),
    last_log_entry: campaign.logs?.at(-1)?.message ?? null,
  };
}

/** With one digit after the point. */
function percentage(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10;
}

function instantOrNull(text: string | null): string | null {
  return text === null ? null : readInstant(text).toISOString();
}

export const campaignOutputFields = [
  { key: 'id', label: 'Campaign ID', type: 'integer', primary: true },
  { key: 'name', label: 'Campaign Name', type: 'string' },
  { key: 'agent_id', label: 'Agent Number', type: 'integer' },
  { key: 'agent_name', label: 'Agent Name', type: 'string' },
  { key: 'state', label: 'State', type: 'string' },
  { key: 'is_completed', label: 'Is Completed', type: 'boolean' },
  { key: 'contacts', label: 'Contacts', type: 'integer' },
  { key: 'processed_contacts', label: 'Contacts Done', type: 'integer' },
  { key: 'failed_contacts', label: 'Contacts Not Reached', type: 'integer' },
  { key: 'progress_percentage', label: 'Progress in Percent', type: 'number' },
  { key: 'created_at', label: 'Created At', type: 'datetime' },
  { key: 'started_at', label: 'Started At', type: 'datetime' },
  { key: 'completed_at', label: 'Completed At', type: 'datetime' },
  { key: 'last_log_entry', label: 'Last Log Entry', type: 'string' },
] as const;

/** The campaign that a step starts or pauses. */
export const [campaignField] = defineInputFields([
  {
    key: 'campaign',
    label: 'Campaign',
    type: 'integer',
    required: true,
    dynamic: 'list_campaigns.id.name',
    search: 'find_campaign.id',
    helpText: 'Choose it from the list, or map the ID from the step that created or found it.',
  },
]);

/** @throws TriggerError `invalid_input` */
export function readCampaignId(value: unknown): number {
  const id = readId('Campaign', value);
  if (id === undefined) throw fieldRefusal('Campaign', 'choose one from the list, or map its ID');
  return id;
}
