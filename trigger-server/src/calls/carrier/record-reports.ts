/** Writes a carrier's reports, and wakes the worker that sends the events of a call that has ended with them. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { StatusReport } from '../../carriers/port/report';
import type { Services } from '../../services';
import { applyReports, type ReportEffect } from '../run-course';
import { holdTalkEnds } from './talk-end';

export type ReportServices = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'log' | 'deliveryAlarm' | 'followUpAlarm'
>;

export async function recordReports(
  services: ReportServices,
  call: CallAttempt,
  reports: readonly StatusReport[],
): Promise<ReportEffect> {
  const { effect, isHeld } = await services.storage.write(async (session) => {
    const applied = await holdTalkEnds(services, session, call, reports);
    return {
      effect: await applyReports(services, session, call, applied),
      isHeld: applied.length < reports.length,
    };
  });
  if (isHeld) services.followUpAlarm.ringIn(0);
  if (effect.isEventDue) services.deliveryAlarm.ringIn(0);
  return effect;
}
