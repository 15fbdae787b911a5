/** Connects what a provider reports about its calls to their runs. */
import { noteRecording } from '../../artifacts/awaited';
import type { CallReports, UnfinishedCall } from '../../carriers/port/call';
import { calleeLines } from '../../conversations/talk/callee';
import { endTalk } from '../../conversations/talk/end-talk';
import type { TalkServices } from '../../conversations/talk/talk-services';
import { findRunOfAttempt } from '../../runs/attempts/attempts';
import { planFollowUp } from '../../runs/due/follow-ups';
import { initialContext } from '../../runs/prompt-context';
import { parseVoicemail } from '../../runs/run-state';
import { findRun } from '../../runs/runs';
import { listUnfinishedRuns, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import { answeredCallOf, answerMode, configurationsOf } from './answering';
import { nextInstructions } from './conversation';
import { recordReports, type ReportServices } from './record-reports';
import { hearTurn, talkProgress } from './transfer';

/** @param providerName the provider of these calls. Recordings and questions about another provider's runs are ignored. */
export function callReports(
  services: ReportServices &
    TalkServices &
    Pick<Services, 'secrets' | 'followUpAlarm' | 'hasModel' | 'callReports' | 'turnPlaces'>,
  providerName: string,
): CallReports {
  const { storage } = services;
  return {
    async report(call, reports) {
      await recordReports(services, call, reports);
    },
    recorded: (call, { url }) =>
      storage.write(async (session) => {
        await session.lock('run', call.runId);
        const run = await findRunOfAttempt(session, call);
        if (run?.mode !== providerName) return;
        const isFormer = (await findRun(session, call.runId))?.attempt !== call.attempt;
        await noteRecording(services, session, run, url, isFormer);
      }),
    async answeredCall(runId) {
      const run = await findRun(storage.read, runId);
      return run?.mode === providerName ? answeredCallOf(services, storage.read, run) : null;
    },
    async followUpIn(call, milliseconds) {
      await storage.write((session) => {
        const at =
          milliseconds === null
            ? null
            : new Date(services.clock.steady().getTime() + milliseconds).toISOString();
        return planFollowUp(session, call, at);
      });
      if (milliseconds !== null) services.followUpAlarm.ringIn(milliseconds);
    },
    async talkOf(call) {
      const run = await findRunOfAttempt(storage.read, call);
      if (run?.mode !== providerName) return null;
      const [configurations, progress] = await Promise.all([
        configurationsOf(services, storage.read, run),
        talkProgress(services, call),
      ]);
      // A conversation that has begun goes on, also where no model is configured any more.
      if (progress === null && answerMode(configurations) !== 'converse') return null;
      return {
        ...(progress ?? { turn: 0, reply: null }),
        calleeSays: calleeLines(initialContext(run), configurations),
      };
    },
    hear: (call, turn, heard) => hearTurn(services, call, turn, heard),
    async nextOfTalk(call, asked) {
      const run = await findRunOfAttempt(storage.read, call);
      if (run?.mode !== providerName) return null;
      const place = { ...call, configurationId: run.telephony_configuration_id };
      return nextInstructions(services, run, place, asked);
    },
    endTalk: (call) => endTalk(services, call),
    async unfinishedCalls(configurationId) {
      const runs = await listUnfinishedRuns(storage.read);
      return runs
        .filter((run) => run.mode === providerName && run.telephony_configuration_id === configurationId)
        .map(unfinishedCallOf);
    },
  };
}

/** A run as its provider knows it. */
export function unfinishedCallOf(run: UnfinishedRun): UnfinishedCall {
  return {
    runId: run.id,
    attempt: run.attempt,
    configurationId: run.telephony_configuration_id,
    status: run.status,
    calledNumber: run.called_number,
    record: run.is_recorded === 1,
    voicemail: parseVoicemail(run.voicemail)?.action ?? null,
  };
}
