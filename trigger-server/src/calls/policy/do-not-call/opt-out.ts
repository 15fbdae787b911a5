/** What a workflow says about a call: whether the person wants no further ones. */
import type { RecordedOutcome, RunOutcomeRequest } from '@dograh-trigger/shared';
import type { Identity } from '../../../http/route';
import { Problem } from '../../../problem';
import { findVisibleRun } from '../../../runs/runs';
import type { Services } from '../../../services';
import { addNumber, additionOf } from './do-not-call';

/**
 * Adds the number of the run to the do-not-call list if the person opted out, also after the call has ended.
 * @throws Problem not_found; conflict for an erased run, whose number is gone.
 */
export async function recordOutcome(
  services: Pick<Services, 'storage' | 'clock' | 'config' | 'chance' | 'deliveryAlarm'>,
  identity: Identity,
  runId: number,
  { opt_out, ...entry }: RunOutcomeRequest,
): Promise<RecordedOutcome> {
  const run = await findVisibleRun(services.storage.read, identity, runId);
  if (!opt_out) return { workflow_run_id: runId, opt_out, do_not_call: null };
  if (run.erased_at !== null) {
    throw new Problem(
      'conflict',
      'The call is erased, so its number is not known any more. Add the number itself to the do-not-call list.',
    );
  }
  const addition = additionOf(services, run.called_number, entry, { source: 'run', runId });
  return { workflow_run_id: runId, opt_out, do_not_call: await addNumber(services, identity, addition) };
}
