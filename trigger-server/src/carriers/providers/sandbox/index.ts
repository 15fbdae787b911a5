/**
 * A carrier without a network: a call goes from initiated to completed, one step every `SANDBOX_STEP_MS`. Test numbers,
 * as carriers offer them, produce the other endings.
 */
import { voicemailActions, type VoicemailAction } from '@dograh-trigger/shared';
import * as z from 'zod';
import { paceField } from '../../kit/settings/pace';
import { callName } from '../../port/call-name';
import type { CallReports, UnfinishedCall } from '../../port/call';
import type { TelephonyProvider } from '../../port/provider';
import { outcomes } from '../../port/outcomes';
import { ended, type ReportDetails, type Standing, type StatusReport } from '../../port/report';
import { playTurn } from './callee';
import { openRecording, recordingOf } from './recording';

interface Step {
  /** The number of step times before this step. */
  waits: number;
  report: StatusReport;
}

const refusedNumber = '+15005550001';

function step(standing: Standing, details: Partial<ReportDetails> = {}, waits = 1): Step {
  const status = standing.status === 'ended' ? outcomes[standing.outcome].status : standing.status;
  return { waits, report: { ...standing, rawStatus: `sandbox:${status}`, ...details } };
}

const spoken = { greetingSpoken: true } as const;
const ringing = step({ status: 'ringing' });
const answered = step({ status: 'answered' }, spoken);
const completed = step(ended('agent_hung_up'));
const machine = { answeredBy: { who: 'machine', raw: 'sandbox:machine' } } as const;
const machineNumber = '+15005550015';

/** What a machine that answers gets. */
const saidToMachine: Record<VoicemailAction, Partial<ReportDetails>> = {
  hang_up: machine,
  leave_message: { ...spoken, ...machine, messageHeard: true },
  speak: { ...spoken, ...machine },
};

const scripts: Record<string, Step[]> = {
  // Used only after a crash between writing the run and dialling: no call was placed.
  [refusedNumber]: [step(ended('failed'))],
  '+15005550011': [ringing, step(ended('busy'))],
  '+15005550012': [ringing, step(ended('no_answer'))],
  '+15005550013': [step(ended('failed'))],
  '+15005550014': [ringing, step(ended('canceled'))],
  '+15005550016': [ringing, step({ status: 'answered' }, spoken, 60), completed],
};

function scriptFor(number: string, voicemail: VoicemailAction | null): Step[] {
  if (number === machineNumber) {
    return [ringing, step({ status: 'answered' }, saidToMachine[voicemail ?? 'speak']), completed];
  }
  return scripts[number] ?? [ringing, answered, completed];
}

/** How long to wait for a turn that another one has under way. */
const busyMilliseconds = 1000;

/** In milliseconds, before the first of these steps. */
function pauseBefore([next]: readonly Step[], stepMilliseconds: number): number {
  return (next?.waits ?? 0) * stepMilliseconds;
}

/** Nothing to configure. */
const configuration = z.object({ calls_per_second: paceField('no limit.') });

export const sandbox: TelephonyProvider<typeof configuration> = {
  displayName: 'Sandbox',
  connectivity: 'api',
  docsUrl: null,
  configuration,
  isSimulated: true,
  needsPhoneNumber: false,
  needsPublicUrl: false,
  can: ['say', 'gather', 'pause', 'go_on', 'connect', 'hang_up'],
  // Any language and voice is accepted, because nothing is spoken.
  speech: () => ({ languages: 'any', isVoice: () => true }),
  voicemail: { announce: voicemailActions, stream: voicemailActions },
  callbacks: null,
  verify: () =>
    Promise.resolve({ ok: true, detail: 'The sandbox needs no account at a carrier.', field: null }),

  placeCall(_configuration, call, tools) {
    if (call.to === refusedNumber) {
      return Promise.resolve({ outcome: 'refused', detail: 'sandbox: this number fails to dial' });
    }
    return Promise.resolve({
      outcome: 'placed',
      callId: `sandbox-${callName(call)}`,
      callerNumber: call.from,
      followUpMilliseconds: pauseBefore(scriptFor(call.to, call.voicemail), tools.sandboxStepMilliseconds),
    });
  },

  async cancel(_configuration, call, _tools, reports) {
    if (call.status === 'answered') await reports.recorded(call, recordingOf(call.runId));
    await reports.report(call, [
      { ...ended(call.status === 'answered' ? 'talk_ended' : 'canceled'), rawStatus: 'sandbox:canceled' },
    ]);
    return { outcome: 'accepted' };
  },

  /** The status of the run decides the next step. If steps take no time, all of them are one report. */
  async followUp(call, tools, reports) {
    const { runId, status, calledNumber, record, voicemail } = call;
    const script = scriptFor(calledNumber, voicemail);
    const left = script.slice(script.findIndex(({ report }) => report.status === status) + 1);
    const pace = tools.sandboxStepMilliseconds;
    if (calledNumber !== machineNumber && (await followTalk(call, left[0], pace, reports))) return;
    const now = pace === 0 ? await untilTalk(call, left, reports) : left.slice(0, 1);
    // Reported before the end, because an ended call has no further follow-up.
    if (record && now.some(({ report }) => isEndOfTalk(report))) {
      await reports.recorded(call, recordingOf(runId));
    }
    const said = reports.report(
      call,
      now.map(({ report }) => report),
    );
    const next = left.slice(now.length);
    // Started together, so that both are in one commit.
    await Promise.all([said, next.length === 0 ? null : reports.followUpIn(call, pauseBefore(next, pace))]);
  },

  openRecording: (_configuration, recording) => Promise.resolve(openRecording(recording)),
};

/** A call that talks is followed step by step from its answer on, whatever its steps take. */
async function untilTalk(
  call: UnfinishedCall,
  left: readonly Step[],
  reports: CallReports,
): Promise<readonly Step[]> {
  const answer = left.findIndex(({ report }) => report.status === 'answered');
  const talks = answer > 0 && call.calledNumber !== machineNumber && (await reports.talkOf(call)) !== null;
  return talks ? left.slice(0, answer) : left;
}

/**
 * Takes the next step of a call that holds a conversation: its answer, a turn, or its end.
 * @param next the next step of the script. @returns false for a call that holds none.
 */
async function followTalk(
  call: UnfinishedCall,
  next: Step | undefined,
  pace: number,
  reports: CallReports,
): Promise<boolean> {
  const isToAnswer = next?.report.status === 'answered';
  if (call.status !== 'answered' && !isToAnswer) return false;
  const talk = await reports.talkOf(call);
  if (talk === null) return false;
  if (isToAnswer) await reports.report(call, [step({ status: 'answered' }).report]);
  const played = isToAnswer ? 'over' : await playTurn(call, talk, reports);
  if (typeof played === 'string') {
    await reports.followUpIn(call, played === 'busy' ? busyMilliseconds : pace);
    return true;
  }
  if (call.record) await reports.recorded(call, recordingOf(call.runId));
  await reports.report(call, [played]);
  return true;
}

function isEndOfTalk(report: StatusReport): boolean {
  return report.status === 'ended' && outcomes[report.outcome].status === 'completed';
}
