/** What a run of Dograh says about the call. Source: https://docs.dograh.com/api-reference */
import * as z from 'zod';
import type { Outcome } from '../../port/outcomes';
import { ended, type StatusReport } from '../../port/report';

export const followedRun = z.looseObject({
  id: z.int(),
  is_completed: z.boolean(),
  status: z.string().nullish(),
  logs: z
    .looseObject({ telephony_status_callbacks: z.array(z.looseObject({ status: z.string() })).nullish() })
    .nullish(),
  gathered_context: z.looseObject({ call_disposition: z.string().nullish() }).nullish(),
  usage_info: z.looseObject({ call_duration_seconds: z.number().nullish() }).nullish(),
});
export type FollowedRun = z.infer<typeof followedRun>;

/** The dispositions of calls that never connected; every other one is the end of a conversation. */
const unconnected: Record<string, Outcome> = {
  busy: 'busy',
  'no-answer': 'no_answer',
  canceled: 'canceled',
  failed: 'failed',
  error: 'failed',
};

const standings = {
  initiated: 'initiated',
  ringing: 'ringing',
  answered: 'answered',
  'in-progress': 'answered',
} as const;

export function reportOf(run: FollowedRun): StatusReport {
  const callId = String(run.id);
  if (!run.is_completed) {
    // Dograh itself has no status, only the reports of its carrier; the bundled server has one.
    const word = run.status ?? run.logs?.telephony_status_callbacks?.at(-1)?.status ?? 'in progress';
    const status = Object.entries(standings).find(([known]) => known === word)?.[1] ?? 'unknown';
    return { status, rawStatus: word, callId };
  }
  const word = run.gathered_context?.call_disposition ?? 'unknown';
  const durationSeconds = run.usage_info?.call_duration_seconds ?? undefined;
  return {
    ...ended(unconnected[word] ?? 'talk_ended'),
    rawStatus: word,
    callId,
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
}
