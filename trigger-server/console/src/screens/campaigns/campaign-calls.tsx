/** The newest calls of a campaign. */
import type { Campaign, Run } from '@dograh-trigger/shared';
import { Link } from 'wouter';
import { calledNumber, textOf } from '../../api/logs';
import { Loaded } from '../../ui/loaded';
import { Section } from '../../ui/page';
import { RunBadge } from '../../ui/run-badge';
import { endingInWords } from '../../ui/run-words';
import { Table } from '../../ui/table';
import { Time } from '../../ui/time';
import { Waiting } from '../../ui/waiting';
import { useCallsOf } from './queries';

export function CallsOfCampaign({ campaign: { id } }: { campaign: Campaign }) {
  const calls = useCallsOf(id);
  return (
    <Section title="Newest calls">
      <Loaded query={calls} what="the calls">
        {({ runs, total_count: total }) =>
          runs.length === 0 ? (
            <p>It has called nobody yet.</p>
          ) : (
            <>
              <CallTable runs={runs} />
              {total > runs.length && (
                <p>
                  {runs.length} of {total.toLocaleString('en')} calls. The CSV file below has all of them.
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </Section>
  );
}

function CallTable({ runs }: { runs: readonly Run[] }) {
  return (
    <Table
      label="Newest calls"
      columns={['Called', 'State', 'Waits for, how it ended', 'Requested']}
      rows={runs.map((run) => ({
        key: run.id,
        cells: [
          <Link href={`/calls/${String(run.id)}`}>{calledNumber(run) ?? `call ${String(run.id)}`}</Link>,
          <RunBadge run={run} />,
          run.status === 'queued' ? <Waiting run={run} /> : endingOf(run),
          <Time at={run.created_at} />,
        ],
      }))}
    />
  );
}

function endingOf(run: Run): string {
  const disposition = textOf(run.gathered_context?.call_disposition);
  return endingInWords({ ...run, disposition: disposition === '' ? null : disposition });
}
