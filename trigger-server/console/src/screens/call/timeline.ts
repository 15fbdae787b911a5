/** Everything that happened to a call, in order: its request, the carrier's reports, its ending and its webhooks. */
import type {
  Run,
  RunAttempt,
  RunStatus,
  WebhookAttempt,
  WebhookDeliveryDetails,
} from '@dograh-trigger/shared';
import { endingInWords, isUnderWay, sourceInWords, statusWords } from '../../ui/run-words';
import { waitingWords } from '../../ui/waiting-words';
import { eventsOf, reportsOf, textOf, type LoggedEvent, type LoggedReport } from '../../api/logs';
import { isolated } from '../../ui/isolated';

export interface Step {
  /** An ISO timestamp; null for a step that the call still waits for. */
  at: string | null;
  what: string;
  /** A sentence more. */
  detail: string;
  /** The carrier's own word. */
  raw: string;
  tone: 'plain' | 'active' | 'good' | 'warn' | 'bad';
}

const progressWords: Partial<Record<RunStatus, string>> = {
  initiated: 'The carrier took the call',
  ringing: 'The phone rings',
  answered: 'Answered',
};

function step(at: string | null, what: string, rest: Partial<Step> = {}): Step {
  return { at, what, detail: '', raw: '', tone: 'plain', ...rest };
}

/** Steps without a time come last, in the order in which they happen. */
export function timelineOf(run: Run, deliveries: readonly WebhookDeliveryDetails[]): Step[] {
  const reports = reportsOf(run);
  const former = formerAttempts(run);
  const lastBegan = former.at(-1)?.ended_at ?? '';
  // The report that ended the call, or an attempt, is one step with the ending.
  const last = reports.find(
    ({ status, at }) => run.completed_at != null && status === run.status && at > lastBegan,
  );
  const ends = former.map((attempt) => endReportOf(attempt, reports));
  const steps = [
    requested(run),
    ...former.map((attempt, place) => attemptEnded(attempt, ends[place])),
    ...begunAgain(run),
    ...reports.filter((report) => report !== last && !ends.includes(report)).map(reported),
    ...refusedDial(run),
    ...answerAndEnd(run, last),
    ...filesReady(run),
    // The words of a refused dial are in the log, too.
    ...eventsOf(run)
      .filter(({ payload }) => run.dial_detail == null || payload.error !== run.dial_detail)
      .flatMap(logged),
    ...deliveries.flatMap(attempts),
  ].sort(byTime);
  return [...steps, ...pending(run, deliveries)];
}

function byTime(one: Step, other: Step): number {
  return Date.parse(one.at ?? '') - Date.parse(other.at ?? '');
}

function requested(run: Run): Step {
  const source = sourceInWords(run.source);
  const fallback = run.fallback_from;
  const instead =
    fallback == null
      ? ''
      : `${isolated(fallback.name)} was not ready, so another account placed the call: ${fallback.reason}`;
  return step(run.created_at, source === '' ? 'Requested' : `Requested: ${source}`, { detail: instead });
}

function reported({ status, raw, at }: LoggedReport): Step {
  const word = Object.hasOwn(statusWords, status) ? (status as RunStatus) : null;
  const progress = word === null ? undefined : progressWords[word];
  if (word === null) return step(at, 'The carrier reported', { raw });
  if (progress !== undefined)
    return step(at, progress, { raw, tone: word === 'answered' ? 'good' : 'plain' });
  return step(at, `The carrier reported the end: ${statusWords[word]}`, { raw });
}

/** The attempts that were followed, or will be followed, by another one. */
function formerAttempts({ attempts, status }: Run): RunAttempt[] {
  const all = attempts ?? [];
  return status === 'queued' ? all : all.slice(0, -1);
}

function endReportOf(attempt: RunAttempt, reports: readonly LoggedReport[]): LoggedReport | undefined {
  const { status: end, started_at: from, ended_at: to } = attempt;
  return reports.find(({ status, at }) => status === end && at >= from && (to === null || at <= to));
}

function attemptEnded(
  { number, status, reason, disposition, ended_at: at }: RunAttempt,
  report: LoggedReport | undefined,
): Step {
  return step(at, `Attempt ${String(number)} ended: ${statusWords[status]}`, {
    detail: endingInWords({ reason, disposition }),
    raw: report?.raw ?? '',
    tone: endTone(status),
  });
}

/** The start of each attempt but the first, which begins with the request or with its time. */
function begunAgain({ attempts }: Run): Step[] {
  return (attempts ?? [])
    .filter(({ number }) => number > 1)
    .map(({ number, started_at: at }) => step(at, `Attempt ${String(number)}`));
}

function refusedDial({ dial_detail: detail, completed_at: at }: Run): Step[] {
  return detail == null ? [] : [step(at ?? null, 'The call was not placed', { detail, tone: 'bad' })];
}

/**
 * The answer and the end of a call, with the server's clock. The carrier may have reported neither.
 * @param last the report that ended the call.
 */
function answerAndEnd(run: Run, last: LoggedReport | undefined): Step[] {
  const { status, answered_at: answeredAt, completed_at: completedAt } = run;
  const isReported = reportsOf(run).some((report) => report.status === 'answered');
  const steps = answeredAt == null || isReported ? [] : [step(answeredAt, 'Answered', { tone: 'good' })];
  if (completedAt == null || status === undefined) return steps;
  const disposition = textOf(run.gathered_context?.call_disposition);
  const detail = endingInWords({ ...run, disposition: disposition === '' ? null : disposition });
  return [
    ...steps,
    step(completedAt, `Ended: ${statusWords[status]}`, {
      detail,
      raw: last?.raw ?? '',
      tone: endTone(status),
    }),
  ];
}

function endTone(status: RunStatus): Step['tone'] {
  if (status === 'completed') return 'good';
  return status === 'failed' || status === 'error' ? 'bad' : 'warn';
}

function logged({ type, payload, at }: LoggedEvent): Step[] {
  switch (type) {
    case 'rtf-pipeline-error':
      return [step(at, 'Error', { detail: textOf(payload.error), tone: 'bad' })];
    case 'rtf-recording-error':
      return [step(at, 'No recording', { detail: textOf(payload.error), tone: 'warn' })];
    case 'rtf-node-transition':
      return [step(at, `The conversation went on to ${textOf(payload.node_name)}`)];
    case 'rtf-function-call-start':
      return [step(at, `The agent used ${textOf(payload.function_name)}`)];
    default:
      return [];
  }
}

function attempts(delivery: WebhookDeliveryDetails): Step[] {
  return delivery.attempts.map((attempt) =>
    step(attempt.started_at, `Webhook to ${hostOf(delivery.url)}, attempt ${String(attempt.number)}`, {
      detail: outcomeOf(attempt),
      tone: attemptTone(attempt),
    }),
  );
}

/** `200 in 84 ms`, or what went wrong. */
export function outcomeOf({
  status_code: status,
  error,
  duration_milliseconds: duration,
}: WebhookAttempt): string {
  if (status === null && error === null) return 'under way';
  const answer = status === null ? '' : `${String(status)} in ${String(duration)} ms`;
  return [answer, error ?? ''].filter((part) => part !== '').join(': ');
}

function attemptTone({ status_code: status, error }: WebhookAttempt): Step['tone'] {
  if (error !== null) return 'bad';
  return status === null ? 'active' : 'good';
}

/** What the call still waits for. */
function pending(run: Run, deliveries: readonly WebhookDeliveryDetails[]): Step[] {
  if (run.status === 'queued') return placement(run);
  if (isUnderWay(run)) return [];
  const files =
    run.artifacts_ready === false ? [step(null, 'Waiting for the recording', { tone: 'active' })] : [];
  const next = deliveries.flatMap(({ status, next_attempt_at: at, url }) =>
    status === 'pending' && at !== null ? [step(at, `Next attempt of the webhook to ${hostOf(url)}`)] : [],
  );
  return [...files, ...next.sort(byTime)];
}

/** When a call that waits is due, and when it expires. */
function placement({ waiting_for: reason, due_at: due, not_after: end, attempt = 1 }: Run): Step[] {
  const what = attempt === 1 ? 'Due' : `Attempt ${String(attempt)} is due`;
  const waits = reason == null || reason === 'time' ? '' : `: waits for ${waitingWords[reason]}`;
  const isDue = step(due ?? null, `${what}${waits}`, { tone: 'active' });
  return end == null ? [isDue] : [isDue, step(end, 'Expires, if it has not been placed')];
}

function filesReady(run: Run): Step[] {
  const { artifacts_ready_at: readyAt } = run;
  if (readyAt == null) return [];
  const kept = [
    ...(run.recording_url == null ? [] : ['recording']),
    ...(run.transcript_url == null ? [] : ['transcript']),
  ];
  return kept.length === 0 ? [] : [step(readyAt, `Files are ready: ${kept.join(' and ')}`, { tone: 'good' })];
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
