/** All agents, with what runs in production and whether there is a draft. */
import type { Agent, AgentListItem } from '@dograh-trigger/shared';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { api } from '../../api/http';
import { Badge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Empty } from '../../ui/empty';
import { Loaded } from '../../ui/loaded';
import { Notice } from '../../ui/notice';
import { Page, Section } from '../../ui/page';
import { RowActions, Table } from '../../ui/table';
import { Tabs } from '../../ui/tabs';
import { Time } from '../../ui/time';
import { useToast } from '../../ui/toast';
import { CreateAgent } from './create-agent';
import { ImportAgent } from './import-agent';
import { LanguageModel } from './language-model/language-model';
import { isolated } from '../../ui/isolated';

const groups = [
  { name: 'active', label: 'Active' },
  { name: 'archived', label: 'Archived' },
] as const;

type Group = (typeof groups)[number]['name'];

const agentsKey = ['agents', 'list'];

export default function AgentsScreen() {
  const search = new URLSearchParams(useSearch());
  const [, go] = useLocation();
  const group: Group = search.get('status') === 'archived' ? 'archived' : 'active';
  const [isCreating, setCreating] = useState(false);
  const [showsModel, setShowsModel] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const agents = useQuery({
    queryKey: agentsKey,
    queryFn: () => api<AgentListItem[]>('GET', '/workflow/fetch'),
  });
  return (
    <Page
      title="Agents"
      actions={
        <>
          <Button kind="primary" onClick={() => setCreating(true)}>
            New agent
          </Button>
          <ImportAgent onError={setError} />
          <Button onClick={() => setShowsModel(true)}>Language model</Button>
        </>
      }
    >
      {error !== null && <Notice error={error} />}
      <Tabs
        label="Which agents"
        tabs={groups}
        chosen={group}
        onChoose={(name) => go(name === 'active' ? '/agents' : '/agents?status=archived', { replace: true })}
      >
        <Loaded query={agents} what="the agents">
          {(all) => (
            <AgentList
              agents={all.filter(({ status }) => status === group)}
              group={group}
              onError={setError}
            />
          )}
        </Loaded>
      </Tabs>
      {isCreating && <CreateAgent onClose={() => setCreating(false)} />}
      {showsModel && <LanguageModel onClose={() => setShowsModel(false)} />}
    </Page>
  );
}

function AgentList(props: {
  agents: readonly AgentListItem[];
  group: Group;
  onError: (error: unknown) => void;
}) {
  const { agents, group, onError } = props;
  const queries = useQueryClient();
  const toast = useToast();
  const [archiving, setArchiving] = useState<AgentListItem | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: ['agents'] });
  async function setStatus({ id, name }: AgentListItem, status: Group): Promise<void> {
    await api<Agent>('PUT', `/workflow/${id}/status`, { body: { status } });
    await refresh();
    toast(
      status === 'archived' ? `“${isolated(name)}” is archived.` : `“${isolated(name)}” is active again.`,
    );
  }
  async function duplicate({ id }: AgentListItem): Promise<void> {
    const copy = await api<Agent>('POST', `/workflow/${id}/duplicate`);
    await refresh();
    toast(`Copied as “${isolated(copy.name)}”, with trigger URLs of its own.`);
  }
  const attempt = (work: Promise<void>) => {
    onError(null);
    work.catch(onError);
  };
  if (agents.length === 0)
    return group === 'active' ? (
      <Empty title="No agent yet">
        <p>An agent says what a call says. Make a new one, or import the file of one made with Dograh.</p>
      </Empty>
    ) : (
      <Empty title="Nothing is archived">
        <p>An archived agent keeps its calls and versions, and its trigger URLs no longer call.</p>
      </Empty>
    );
  return (
    <Section title={group === 'active' ? 'Active agents' : 'Archived agents'}>
      <Table
        label="Agents"
        columns={['Name', 'In production', 'Calls', 'Created', 'Actions']}
        rows={agents.map((agent) => ({
          key: agent.id,
          cells: [
            <Link key="name" href={`/agents/${agent.id}`}>
              {agent.name}
            </Link>,
            <VersionState key="versions" agent={agent} />,
            agent.total_runs ?? 0,
            <Time key="created" at={agent.created_at} />,
            <RowActions key="actions">
              <Button
                kind="quiet"
                aria-label={`Duplicate ${agent.name}`}
                onClick={() => attempt(duplicate(agent))}
              >
                Duplicate
              </Button>
              {group === 'active' ? (
                <Button kind="quiet" aria-label={`Archive ${agent.name}`} onClick={() => setArchiving(agent)}>
                  Archive
                </Button>
              ) : (
                <Button
                  kind="quiet"
                  aria-label={`Restore ${agent.name}`}
                  onClick={() => attempt(setStatus(agent, 'active'))}
                >
                  Restore
                </Button>
              )}
            </RowActions>,
          ],
        }))}
      />
      {archiving !== null && (
        <Confirm
          title={`Archive “${isolated(archiving.name)}”?`}
          action="Archive"
          danger
          onConfirm={() => setStatus(archiving, 'archived')}
          onClose={() => setArchiving(null)}
        >
          <p>
            Its trigger URLs no longer call until you restore it. Its calls, versions and trigger paths are
            kept.
          </p>
        </Confirm>
      )}
    </Section>
  );
}

function VersionState({ agent }: { agent: AgentListItem }) {
  return (
    <span>
      {agent.published_version != null && `Version ${agent.published_version} `}
      {agent.draft_version != null && <Badge tone="warn">{`Draft ${agent.draft_version}`}</Badge>}
    </span>
  );
}
