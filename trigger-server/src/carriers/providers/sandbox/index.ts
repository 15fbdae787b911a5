/**
 * A carrier without a network: it walks a call from initiated to completed, one step every `SANDBOX_STEP_MS`.
 * Magic numbers play the other endings, after the convention of carriers' test numbers.
 */
import * as z from 'zod';
import { describeError } from '../../../describe-error';
import { retryLater } from '../../../retry-later';
import type { CallReports } from '../../port/call';
import type { TelephonyProvider } from '../../port/provider';
import type { StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { openRecording, recordingOf } from './recording';

interface Step {
  /** How many steps to wait before it. */
  waits: number;
  report: StatusReport;
}

const refusedNumber = '+15005550001';
const stuck = 'a step of a sandbox call could not be written; it is tried again';

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
    walk(call.runId, scriptFor(call.to), call.record, { tools, reports: call.reports });
    return Promise.resolve({
      outcome: 'placed',
      callId: `sandbox-${String(call.runId)}`,
      callerNumber: call.from,
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

  resume(calls, tools, reports) {
    for (const { runId, status, calledNumber } of calls) {
      const script = scriptFor(calledNumber);
      const reached = script.findIndex(({ report }) => report.status === status);
      // Whether it is recorded, the server knows: of a call that is not, it takes no recording.
      walk(runId, script.slice(reached + 1), true, { tools, reports });
    }
  },

  openRecording: (_configuration, recording) => Promise.resolve(openRecording(recording)),
};

/** What a call is walked with. */
interface Way {
  tools: CarrierTools;
  reports: CallReports;
}

/** With no time between the steps, all of them are one report. */
function walk(runId: number, steps: readonly Step[], record: boolean, way: Way): void {
  const { tools, reports } = way;
  const pace = tools.sandboxStepMilliseconds;
  const now = pace === 0 ? steps : steps.slice(0, 1);
  const [first] = now;
  if (first === undefined) return;
  const tell = async () => {
    // Said before the end: a call that has ended is not taken up again after a restart.
    if (record && now.some(({ report }) => report.status === 'completed')) {
      await reports.recorded(runId, recordingOf(runId));
    }
    await reports.report(
      runId,
      now.map(({ report }) => report),
    );
    walk(runId, steps.slice(now.length), record, way);
  };
  tools.clock.after(pace * first.waits, () => {
    tell().catch((error: unknown) => {
      tools.log.error({ runId, error: describeError(error) }, stuck);
      retryLater(tools, stuck, tell);
    });
  });
}
