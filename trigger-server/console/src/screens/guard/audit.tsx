/** What people, keys and the operator have changed. The server keeps names of fields, but no values. */
import type { AuditEntry } from '@dograh-trigger/shared';
import { Button } from '../../ui/button';
import { Empty } from '../../ui/empty';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { Section } from '../../ui/page';
import { Table } from '../../ui/table';
import { Time } from '../../ui/time';
import { actionInWords, actorInWords } from './audit-words';
import { useAudit } from './queries';

export function Audit() {
  const audit = useAudit();
  const entries = audit.data?.pages.flatMap((page) => page.entries);
  return (
    <Section title="Changes">
      {audit.error !== null && <Notice error={audit.error} />}
      {entries === undefined && audit.error === null && <Loading what="the changes" />}
      {entries?.length === 0 && (
        <Empty title="Nothing was changed yet">
          <p>Changes of agents, keys, carriers and the policy appear here, and who signed in.</p>
        </Empty>
      )}
      {entries !== undefined && entries.length > 0 && <Entries entries={entries} />}
      {audit.hasNextPage && (
        <div>
          <Button pending={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            Older changes
          </Button>
        </div>
      )}
    </Section>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <Table
      label="Changes"
      columns={['When', 'What', 'Fields', 'Who']}
      rows={entries.map((entry) => ({
        key: entry.id,
        cells: [<Time at={entry.at} />, actionInWords(entry), entry.changed.join(', '), actorInWords(entry)],
      }))}
    />
  );
}
