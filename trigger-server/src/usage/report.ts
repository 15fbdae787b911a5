/** The CSV report of an organization's calls, with Dograh's columns, streamed while the database is read. */
import { Readable } from 'node:stream';
import { artifactUrls } from '../runs/links';
import type { Services } from '../services';
import { callTags } from '../runs/present';
import { pythonInstant } from './present';
import { csvLine } from '../csv/write-csv';
import type { Criterion } from './filters';
import { usageCriteria, type UsageQuery } from './usage';
import { readAll, type ListSelection, type ReportedRun } from './lists';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>;

const columns = [
  'Run ID',
  'Campaign ID',
  'Agent ID',
  'Agent Definition ID',
  'Created At',
  'Phone Number',
  'Call Disposition',
  'Call Duration (s)',
  'Call Tags',
  'Transcript URL',
  'Recording URL',
];

export interface Report {
  /** `usage_runs_20261123_120000.csv`. */
  fileName: string;
  open: () => Readable;
}

/**
 * Reports every call that the list with the same parameters has, newest first.
 * @throws Problem for filters that cannot be read or applied.
 */
export function openReport(services: Needs, organizationId: number, query: UsageQuery): Report {
  const criteria = usageCriteria(services, query);
  const [day = '', time = ''] = services.clock.now().toISOString().replace(/[-:]/g, '').split(/[T.]/);
  return {
    fileName: `usage_runs_${day}_${time}.csv`,
    open: () => Readable.from(csvOf(services, { organizationId, agentId: null, criteria })),
  };
}

/**
 * Reports every call of a campaign that has ended, newest first.
 * @param dates inclusive: of the calls' beginning.
 */
export function openCampaignReport(
  services: Needs,
  organizationId: number,
  campaignId: number,
  { startDate, endDate }: Pick<UsageQuery, 'startDate' | 'endDate'>,
): Report {
  const criteria: Criterion[] = [
    { kind: 'created', from: startDate ?? null, to: endDate ?? null },
    { kind: 'campaign', id: campaignId },
    { kind: 'ended', is: true },
  ];
  return {
    fileName: `campaign_${String(campaignId)}_report.csv`,
    open: () => Readable.from(csvOf(services, { organizationId, agentId: null, criteria })),
  };
}

async function* csvOf(services: Needs, selection: ListSelection): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const rows of readAll(services, selection)) {
    yield rows.map((row) => csvLine(cellsOf(services, row))).join('');
  }
}

function cellsOf(
  services: Pick<Services, 'config' | 'clock' | 'secrets'>,
  row: ReportedRun,
): (string | number)[] {
  const urls = artifactUrls(services, row);
  return [
    row.id,
    row.campaign_id ?? '',
    row.agent_id,
    row.definition_id,
    pythonInstant(row.created_at),
    row.called_number,
    row.disposition ?? '',
    row.call_duration_seconds ?? '',
    callTags(row).join(', '),
    urls.transcript_public_url ?? '',
    urls.recording_public_url ?? '',
  ];
}
