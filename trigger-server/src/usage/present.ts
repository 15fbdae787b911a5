/** Runs in the form of the organization's list. */
import type { UsageRun } from '@dograh-trigger/shared';
import { artifactUrls } from '../runs/links';
import { contexts, extensionFields } from '../runs/present';
import type { Services } from '../services';
import type { ListedRun } from './store';

/** A row of the organization's list. In Dograh's keys, only a disposition shows that a call has ended. */
export function presentUsageRun(
  services: Pick<Services, 'config' | 'clock' | 'secrets'>,
  row: ListedRun,
): UsageRun {
  // An erased run has none.
  const calledNumber = row.called_number === '' ? null : row.called_number;
  return {
    id: row.id,
    workflow_id: row.agent_id,
    workflow_name: row.agent_name,
    name: row.name,
    created_at: pythonInstant(row.created_at),
    dograh_token_usage: 0,
    call_duration_seconds: row.call_duration_seconds ?? 0,
    ...artifactUrls(services, row),
    phone_number: calledNumber,
    caller_number: row.caller_number,
    called_number: calledNumber,
    call_type: 'outbound',
    mode: row.mode,
    disposition: row.disposition,
    ...extensionFields(services, row, null),
    ...contexts(row),
    charge_usd: null,
  };
}

/** An instant in Python's text form, which Dograh uses in its usage list and report. */
export function pythonInstant(instant: string): string {
  return instant.replace('Z', '+00:00');
}
