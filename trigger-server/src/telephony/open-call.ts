/** Everything needed to ask a carrier about one of its calls. */
import type { CallReports, CarrierCall } from '../carriers/port/call';
import type { UnfinishedRun } from '../runs/unfinished-runs';
import { openAccountOfRun, type CarrierAccount } from './open-account';
import type { CarrierServices } from './tools';

export interface OpenCall extends CarrierAccount {
  /** Null until the carrier has reported the call's id. */
  call: CarrierCall | null;
  reports: CallReports;
}

/**
 * @returns null when the run's account or its provider no longer exists. @throws Problem unavailable: see {@link
 * openAccountOfRun}.
 */
export async function openCallOf(services: CarrierServices, run: UnfinishedRun): Promise<OpenCall | null> {
  const account = await openAccountOfRun(services, run);
  if (account === null) return null;
  const { id: runId, attempt, provider_call_id: callId, status, mode } = run;
  const call = callId === null ? null : { runId, attempt, callId, status };
  return { ...account, call, reports: services.callReports(mode) };
}
