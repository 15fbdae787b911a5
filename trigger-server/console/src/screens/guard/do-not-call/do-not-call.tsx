/** The numbers that are never called, or not until a moment. */
import type { DoNotCallEntry } from '@dograh-trigger/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, apiPath } from '../../../api/http';
import { doNotCallKey } from '../../../api/live';
import { Badge } from '../../../ui/badge';
import { Button } from '../../../ui/button';
import { Confirm } from '../../../ui/confirm';
import { Empty } from '../../../ui/empty';
import { Loading } from '../../../ui/loading';
import { Notice } from '../../../ui/notice';
import { Section } from '../../../ui/page';
import { SearchField } from '../../../ui/search-field';
import { RowActions, Table } from '../../../ui/table';
import { Time } from '../../../ui/time';
import { useToast } from '../../../ui/toast';
import { AddNumber } from './add-number';
import { sourceOfEntry } from './entry-words';
import { ImportFile } from './csv';
import styles from './do-not-call.module.css';
import { csvPath, entryPath, useDoNotCall } from './queries';

export function DoNotCall() {
  const [search, setSearch] = useState('');
  const [adding, setAdding] = useState(false);
  const list = useDoNotCall(search);
  const entries = list.data?.pages.flatMap((page) => page.entries);
  return (
    <Section
      title="Do not call"
      actions={
        <Button kind="primary" onClick={() => setAdding(true)}>
          Add a number
        </Button>
      }
    >
      <p>
        No call is placed to these numbers, by nobody and with no key. API keys can add numbers; only somebody
        who is signed in removes them.
      </p>
      <div className={styles.search}>
        <SearchField
          label="Numbers that begin with"
          placeholder="+1415"
          inputMode="tel"
          maxLength={30}
          applied={search}
          onApply={setSearch}
        />
      </div>
      {list.error !== null && <Notice error={list.error} />}
      {entries === undefined && list.error === null && <Loading what="the list" />}
      {entries?.length === 0 && <NoEntry search={search} />}
      {entries !== undefined && entries.length > 0 && <Entries entries={entries} />}
      {list.hasNextPage && (
        <div>
          <Button pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            More numbers
          </Button>
        </div>
      )}
      <h3>Files</h3>
      <p>
        <a href={apiPath(csvPath)} download>
          Download the list as CSV
        </a>
      </p>
      <ImportFile />
      {adding && <AddNumber onClose={() => setAdding(false)} />}
    </Section>
  );
}

function NoEntry({ search }: { search: string }) {
  if (search !== '') return <Empty title="No number on the list begins so">{null}</Empty>;
  return (
    <Empty title="No number is on the list">
      <p>Add the number of whoever does not want to be called. A workflow can add it at the end of a call.</p>
    </Empty>
  );
}

function Entries({ entries }: { entries: readonly DoNotCallEntry[] }) {
  const queries = useQueryClient();
  const toast = useToast();
  const [removing, setRemoving] = useState<DoNotCallEntry | null>(null);
  async function remove({ number }: DoNotCallEntry): Promise<void> {
    await api('DELETE', entryPath(number));
    toast(`${number} may be called again.`);
    await queries.invalidateQueries({ queryKey: doNotCallKey });
  }
  return (
    <>
      <Table
        label="Do not call"
        columns={['Number', 'State', 'Reason', 'Added by', 'Added', 'Actions']}
        rows={entries.map((entry) => ({
          key: entry.id,
          cells: [
            entry.number,
            <EntryState entry={entry} />,
            entry.reason ?? '',
            <AddedBy entry={entry} />,
            <Time at={entry.added_at} />,
            <RowActions>
              <Button kind="quiet" aria-label={`Remove ${entry.number}`} onClick={() => setRemoving(entry)}>
                Remove
              </Button>
            </RowActions>,
          ],
        }))}
      />
      {removing !== null && (
        <Confirm
          title={`Remove ${removing.number} from the list?`}
          action="Remove the number"
          danger
          onConfirm={() => remove(removing)}
          onClose={() => setRemoving(null)}
        >
          <p>
            It may be called again at once.{' '}
            {removing.run_id !== null && 'The person asked in a call not to be called.'}
          </p>
        </Confirm>
      )}
    </>
  );
}

function EntryState({ entry: { is_active: isActive, until } }: { entry: DoNotCallEntry }) {
  return (
    <span>
      <Badge tone={isActive ? 'bad' : 'plain'}>{isActive ? 'Not called' : 'May be called'}</Badge>
      {until !== null && (
        <>
          {' '}
          {isActive ? 'until' : 'since'} <Time at={until} />
        </>
      )}
    </span>
  );
}

function AddedBy({ entry }: { entry: DoNotCallEntry }) {
  const source = sourceOfEntry(entry);
  if (entry.run_id === null) return source;
  return (
    <span>
      {source}: <Link href={`/calls/${String(entry.run_id)}`}>call {entry.run_id}</Link>
    </span>
  );
}
