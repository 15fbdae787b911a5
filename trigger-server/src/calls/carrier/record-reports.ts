/** Writes a carrier's reports, and wakes the worker that sends the events of a call that has ended with them. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { StatusReport } from '../../carriers/port/report';
import type { Services } from '../../services';
import { applyReports, type ReportEffect } from '../run-course';

export type ReportServices = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'log' | 'deliveryAlarm'
>;

export async function recordReports(
  services: ReportServices,
  call: CallAttempt,
  reports: readonly StatusReport[],
): Promise<ReportEffect> {
  const effect = await services.storage.write((session) => applyReports(services, session, call, reports));
  if (effect.isEventDue) services.deliveryAlarm.ringIn(0);
  return effect;
}
