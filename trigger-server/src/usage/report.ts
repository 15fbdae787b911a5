/** The CSV report of an organization's calls, with Dograh's columns and what the conversations yielded, streamed while the database is read. */
import { Readable } from 'node:stream';
import type { JsonObject } from '@dograh-trigger/shared';
import { shortTranscriptOf } from '../artifacts/transcript';
import { artifactUrls, transcriptKey } from '../runs/links';
import { listFeedbackOf } from '../runs/run-log';
import type { Services } from '../services';
import { callTags } from '../runs/present';
import { pythonInstant } from './present';
import { csvLine } from '../csv/write-csv';
import { parseObject } from '../storage/columns';
import { mostIds } from '../storage/id-list';
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
/** The columns that Dograh does not have. */
const ownColumns = ['Extracted Variables', 'Transcript'];

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
  const isPlain = services.config.extensions.size === 0;
  yield csvLine(isPlain ? columns : [...columns, ...ownColumns]);
  for await (const rows of readAll(services, selection)) {
    if (isPlain) yield rows.map((row) => csvLine(cellsOf(services, row))).join('');
    else yield* withResults(services, rows);
  }
}

/** With what the conversations yielded, a few runs at a time: their logs may be long. */
async function* withResults(services: Needs, rows: readonly ReportedRun[]): AsyncGenerator<string> {
  for (let start = 0; start < rows.length; start += mostIds) {
    const some = rows.slice(start, start + mostIds);
    const spoken = some.filter((row) => transcriptKey(row) !== null).map(({ id }) => id);
    const logs =
      spoken.length === 0
        ? new Map<number, JsonObject[]>()
        : await listFeedbackOf(services.storage.read, spoken);
    yield some
      .map((row) =>
        csvLine([...cellsOf(services, row), extractedIn(row), shortTranscriptOf(logs.get(row.id) ?? [])]),
      )
      .join('');
  }
}

/** As JSON. */
function extractedIn({ gathered }: ReportedRun): string {
  if (gathered === null) return 'Too long for the report: read the run';
  const { extracted_variables: values = null } = parseObject(gathered === '' ? null : gathered) ?? {};
  return values === null ? '' : JSON.stringify(values);
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
