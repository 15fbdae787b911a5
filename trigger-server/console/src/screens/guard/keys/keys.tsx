/** The organization's API keys. */
import type { ApiKey } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAgentNames } from '../../../api/agent-names';
import { api } from '../../../api/http';
import { Badge } from '../../../ui/badge';
import { Button } from '../../../ui/button';
import { Empty } from '../../../ui/empty';
import { CheckboxField } from '../../../ui/field';
import { Loaded } from '../../../ui/loaded';
import { Notice } from '../../../ui/notice';
import { Section } from '../../../ui/page';
import { RowActions, Table } from '../../../ui/table';
import { Time } from '../../../ui/time';
import { useToast } from '../../../ui/toast';
import { useNow } from '../../../ui/use-now';
import { ArchiveKey } from './archive-key';
import { CreateKey } from './create-key';
import { hasExpired, limitsInWords, stateOfKey } from './key-limits';
import { keysKey, keysPath, useApiKeys, useUsers } from '../queries';
import { nameOfUser } from '../users';
import { isolated } from '../../../ui/isolated';

const states = {
  active: { word: 'Active', tone: 'good' },
  expired: { word: 'Expired', tone: 'warn' },
  archived: { word: 'Archived', tone: 'plain' },
} as const;

export function Keys() {
  const keys = useApiKeys();
  const [creating, setCreating] = useState(false);
  const [withArchived, setWithArchived] = useState(false);
  const create = (
    <Button
      kind="primary"
      onClick={() => {
        setCreating(true);
      }}
    >
      Create a key
    </Button>
  );
  return (
    <Section title="API keys" actions={keys.data?.length === 0 ? undefined : create}>
      <Loaded query={keys} what="the API keys">
        {(list) =>
          list.length === 0 ? (
            <Empty title="No API key yet">
              <p>n8n, Zapier and your own programs place calls with a key.</p>
              {create}
            </Empty>
          ) : (
            <>
              {list.some((key) => !key.is_active) && (
                <CheckboxField
                  label="Show archived keys, too"
                  checked={withArchived}
                  onChange={(event) => {
                    setWithArchived(event.target.checked);
                  }}
                />
              )}
              <KeyTable list={list.filter((key) => withArchived || key.is_active)} />
            </>
          )
        }
      </Loaded>
      {creating && (
        <CreateKey
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </Section>
  );
}

function KeyTable({ list }: { list: readonly ApiKey[] }) {
  const toast = useToast();
  const queries = useQueryClient();
  const { data: users } = useUsers();
  const agents = useAgentNames('all');
  const now = useNow(list.some(({ expires_at: end }) => end != null));
  const [archiving, setArchiving] = useState<ApiKey | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: keysKey });
  const reactivate = useMutation({
    mutationFn: (key: ApiKey) => api('PUT', `${keysPath}/${key.id}/reactivate`, { body: {} }),
    onSuccess: async (_reply, key) => {
      await refresh();
      toast(`${isolated(key.name)} works again`);
    },
  });
  return (
    <>
      {reactivate.error !== null && <Notice error={reactivate.error} />}
      <Table
        label="API keys"
        columns={['Name', 'Begins with', 'State', 'May', 'Created', 'Last used', 'Actions']}
        rows={list.map((key) => ({
          key: key.id,
          cells: [
            key.name,
            <code>{key.key_prefix}…</code>,
            <KeyState apiKey={key} now={now} />,
            limitsInWords(key, agents),
            <Created at={key.created_at} by={nameOfUser(users, key.created_by ?? null)} />,
            key.last_used_at === null ? 'Never' : <Time at={key.last_used_at} />,
            <RowActions>
              {key.is_active ? (
                <Button
                  kind="quiet"
                  aria-label={`Archive ${key.name}`}
                  onClick={() => {
                    setArchiving(key);
                  }}
                >
                  Archive
                </Button>
              ) : hasExpired(key, now) ? (
                <span>Expired: create a new key instead</span>
              ) : (
                <Button
                  kind="quiet"
                  aria-label={`Reactivate ${key.name}`}
                  onClick={() => {
                    reactivate.mutate(key);
                  }}
                >
                  Reactivate
                </Button>
              )}
            </RowActions>,
          ],
        }))}
      />
      {archiving !== null && (
        <ArchiveKey
          apiKey={archiving}
          onClose={() => {
            setArchiving(null);
          }}
        />
      )}
    </>
  );
}

function KeyState({ apiKey, now }: { apiKey: ApiKey; now: number }) {
  const state = stateOfKey(apiKey, now);
  const { word, tone } = states[state];
  return (
    <span>
      <Badge tone={tone}>{word}</Badge>
      {apiKey.expires_at != null && state !== 'archived' && (
        <>
          {' '}
          {state === 'expired' ? 'at' : 'until'} <Time at={apiKey.expires_at} />
        </>
      )}
    </span>
  );
}

/** @param props.by empty where nobody is known. */
function Created({ at, by }: { at: string; by: string }) {
  return (
    <span>
      <Time at={at} />
      {by !== '' && (
        <>
          {' '}
          by <bdi>{by}</bdi>
        </>
      )}
    </span>
  );
}
