/**
 * A carrier without a network: it walks a call from initiated to completed, one step every `SANDBOX_STEP_MS`.
 * Magic numbers play the other endings, after the convention of carriers' test numbers.
 */
import * as z from 'zod';
import type { TelephonyProvider } from '../../port/provider';
import type { StatusReport } from '../../port/report';
import { openRecording, recordingOf } from './recording';

interface Step {
  /** How many steps to wait before it. */
  waits: number;
  report: StatusReport;
}

const refusedNumber = '+15005550001';

function step(status: StatusReport['status'], disposition?: string, waits = 1): Step {
  return {
    waits,
    report: {
      status,
      rawStatus: `sandbox:${status}`,
      ...(disposition === undefined ? {} : { disposition }),
      ...(status === 'answered' ? { greetingSpoken: true } : {}),
    },
  };
}

const ringing = step('ringing');
const answered = step('answered');
const completed = step('completed', 'end_call_tool');

const scripts: Record<string, Step[]> = {
  // Only after a crash between recording the run and dialling: it never came to a call.
  [refusedNumber]: [step('failed')],
  '+15005550011': [ringing, step('busy')],
  '+15005550012': [ringing, step('no-answer')],
  '+15005550013': [step('failed')],
  '+15005550014': [ringing, step('canceled')],
  '+15005550015': [ringing, answered, step('completed', 'voicemail_detected')],
  '+15005550016': [ringing, step('answered', undefined, 60), completed],
};

function scriptFor(number: string): Step[] {
  return scripts[number] ?? [ringing, answered, completed];
}

/** In milliseconds, before the first of these steps. */
function pauseBefore([next]: readonly Step[], stepMilliseconds: number): number {
  return (next?.waits ?? 0) * stepMilliseconds;
}

/** Nothing to configure. */
const configuration = z.object({});

export const sandbox: TelephonyProvider<typeof configuration> = {
  displayName: 'Sandbox',
  connectivity: 'api',
  docsUrl: null,
  configuration,
  ringsNobody: true,
  needsPhoneNumber: false,
  needsPublicUrl: false,
  can: ['say', 'connect', 'hang_up'],
  callbacks: null,

  placeCall(_configuration, call, tools) {
    if (call.to === refusedNumber) {
      return Promise.resolve({ outcome: 'refused', detail: 'sandbox: this number fails to dial' });
    }
    return Promise.resolve({
      outcome: 'placed',
      callId: `sandbox-${String(call.runId)}`,
      callerNumber: call.from,
      followUpMilliseconds: pauseBefore(scriptFor(call.to), tools.sandboxStepMilliseconds),
    });
  },

  async cancel(_configuration, call, _tools, reports) {
    if (call.status === 'answered') await reports.recorded(call.runId, recordingOf(call.runId));
    await reports.report(call.runId, [
      call.status === 'answered'
        ? { status: 'completed', rawStatus: 'sandbox:canceled' }
        : { status: 'canceled', rawStatus: 'sandbox:canceled' },
    ]);
    return { outcome: 'accepted' };
  },

  /** The status of the run says which step comes next. With no time between the steps, all of them are one report. */
  async followUp({ runId, status, calledNumber, record }, tools, reports) {
    const script = scriptFor(calledNumber);
    const left = script.slice(script.findIndex(({ report }) => report.status === status) + 1);
    const pace = tools.sandboxStepMilliseconds;
    const now = pace === 0 ? left : left.slice(0, 1);
    // Said before the end: a call that has ended is not followed up any more.
    if (record && now.some(({ report }) => report.status === 'completed')) {
      await reports.recorded(runId, recordingOf(runId));
    }
    const said = reports.report(
      runId,
      now.map(({ report }) => report),
    );
    const next = left.slice(now.length);
    // Asked for together, so that both are one commit.
    await Promise.all([said, next.length === 0 ? null : reports.followUpIn(runId, pauseBefore(next, pace))]);
  },

  openRecording: (_configuration, recording) => Promise.resolve(openRecording(recording)),
};
