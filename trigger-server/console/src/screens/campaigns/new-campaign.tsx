/** Makes a campaign of a file. It calls nobody until it is started. */
import type {
  AgentListItem,
  Campaign,
  CampaignDefaults,
  TelephonyConfigurationListItem,
} from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAgentNames } from '../../api/agent-names';
import { api, wrongFields } from '../../api/http';
import { Button } from '../../ui/button';
import { Form, SelectField, TextField } from '../../ui/field';
import { FormFailure } from '../../ui/form-failure';
import { Loaded } from '../../ui/loaded';
import { Page, Section } from '../../ui/page';
import { useToast } from '../../ui/toast';
import { campaignToSend, newDraft, type CampaignDraft } from './campaign-draft';
import { ContactsFile } from './contacts-file';
import { HowItCalls } from './how-it-calls';
import { useCampaignChange, useCampaignDefaults } from './queries';

export function NewCampaign() {
  const defaults = useCampaignDefaults();
  return (
    <Page title="New campaign" above={<Link href="/campaigns">All campaigns</Link>}>
      <Loaded query={defaults} what="the settings of a new campaign">
        {(data) => <CampaignForm defaults={data} />}
      </Loaded>
    </Page>
  );
}

/** The fields that show their own errors. */
const fields = [
  'name',
  'workflow_id',
  'source_id',
  'telephony_configuration_id',
  'max_concurrency',
  'schedule_config',
  'retry_config',
];

function CampaignForm({ defaults }: { defaults: CampaignDefaults }) {
  const toast = useToast();
  const [, navigate] = useLocation();
  const agents = useAgentNames('active');
  const accounts = useAccountNames();
  const [draft, setDraft] = useState(() =>
    newDraft(defaults, Intl.DateTimeFormat().resolvedOptions().timeZone),
  );
  const [fileKey, setFileKey] = useState<string | null>(null);
  const [isAsked, setAsked] = useState(false);
  const create = useCampaignChange((key: string) =>
    api<Campaign>('POST', '/campaign/create', { body: campaignToSend(draft, key) }),
  );
  const errors = wrongFields(create.error);
  const change = (part: Partial<CampaignDraft>) => setDraft({ ...draft, ...part });
  const missing = {
    name: draft.name.trim() === '' ? 'Enter a name' : undefined,
    agent: draft.agentId === '' ? 'Choose an agent' : undefined,
    file: fileKey === null ? 'Choose a file' : undefined,
  };
  const shown = isAsked ? missing : { name: undefined, agent: undefined, file: undefined };
  function submit(): void {
    setAsked(true);
    if (fileKey === null || missing.name !== undefined || missing.agent !== undefined) return;
    create.mutate(fileKey, {
      onSuccess: ({ id, name }) => {
        toast(`${name} is ready. Start it when its contacts may be called.`);
        navigate(`/campaigns/${String(id)}`);
      },
    });
  }
  return (
    <Form onSubmit={submit}>
      <Section title="Whom it calls">
        <ContactsFile error={shown.file ?? errors.get('source_id')} onUploaded={setFileKey} />
      </Section>
      <Section title="Who calls">
        <TextField
          label="Name of the campaign"
          maxLength={255}
          value={draft.name}
          error={shown.name ?? errors.get('name')}
          onChange={({ target }) => change({ name: target.value })}
        />
        <SelectField
          label="Agent"
          hint="Its version in production calls."
          value={draft.agentId}
          error={shown.agent ?? errors.get('workflow_id')}
          options={[{ value: '', label: 'Choose an agent' }, ...agents.map(choiceOf)]}
          onChange={({ target }) => change({ agentId: target.value })}
        />
        <SelectField
          label="Carrier account"
          value={draft.accountId}
          error={errors.get('telephony_configuration_id')}
          options={[{ value: '', label: 'The default' }, ...accounts.map(choiceOf)]}
          onChange={({ target }) => change({ accountId: target.value })}
        />
      </Section>
      <Section title="How it calls">
        <HowItCalls draft={draft} limit={defaults.concurrent_call_limit} errors={errors} onChange={change} />
      </Section>
      <FormFailure error={create.error} fields={fields} />
      <div>
        <Button type="submit" kind="primary" pending={create.isPending}>
          Create the campaign
        </Button>
      </div>
    </Form>
  );
}

function choiceOf({ id, name }: Pick<AgentListItem, 'id' | 'name'>) {
  return { value: String(id), label: name };
}

function useAccountNames() {
  const { data } = useQuery({
    queryKey: ['telephony', 'accounts', 'names'],
    queryFn: ({ signal }) =>
      api<{ configurations: TelephonyConfigurationListItem[] }>('GET', '/organizations/telephony-configs', {
        signal,
      }),
  });
  return (data?.configurations ?? []).filter(({ inactive }) => inactive !== true);
}
