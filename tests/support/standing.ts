import type { StatusReport } from '../../trigger-server/src/carriers/port/report';

/** What a report means, in one word: how far the call has come, or its outcome. Undefined where it says nothing. */
export function standing(report: StatusReport | null | undefined): string | undefined {
  return report?.status === 'ended' ? report.outcome : report?.status;
}
