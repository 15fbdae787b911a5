/** The instructions for an answered call, rendered from the agent's definition on request. */
import type { AgentConfigurations, AnsweredBy, JsonObject } from '@dograh-trigger/shared';
import { isFinalStatus } from '@dograh-trigger/shared';
import { greetingFor, messageFor } from '../../agents/greeting';
import { loadAnswering } from '../../agents/resolve-trigger';
import { initialContext, promptContext, withoutReserved } from '../../runs/prompt-context';
import type { RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { openingUrls } from './callback-urls';
import { answerModesOf, type AnswerMode, type InstructionOf } from '../../carriers/answer-modes';
import type { AnsweredCall } from '../../carriers/port/call';
import { findProvider } from '../../carriers/registry';
import type { StatusReport } from '../../carriers/port/report';
import type { RequestedSpeech } from '../../carriers/port/speech';
import type { VoicemailProgress } from '../../carriers/port/voicemail';
import { parseVoicemail } from '../../runs/run-state';
import { answererAfter } from '../../runs/transitions';
import { withDefaultAnswer } from './default-answer';
import { speechOf, speechRefusal } from './speech';
import { voicemailProgress } from './voicemail';

export const defaultRingTimeoutSeconds = 30;
export const defaultMaxCallDurationSeconds = 300;
/**
 * Of a call that a Dograh holds, which rings and ends it by the limits of its own agent and carrier: ours are not sent
 * there. No agent there may have a longer limit, and no carrier is known to ring for longer.
 */
const longestHeldSeconds = 1200;
const longestHeldRingSeconds = 120;

/** How long a run waits for its carrier's last report after its longest ringing and talking time. */
const graceSeconds = 60;

/** The seconds after which a run is overdue. */
export function longestCallSeconds(configurations: AgentConfigurations): number {
  if (answerMode(configurations) === 'dograh') {
    return longestHeldRingSeconds + longestHeldSeconds + graceSeconds;
  }
  const ringing = configurations.ring_timeout_seconds ?? defaultRingTimeoutSeconds;
  const talking = configurations.max_call_duration ?? defaultMaxCallDurationSeconds;
  return ringing + talking + graceSeconds;
}

/** The answer mode of an agent's calls, by default `announce`. */
export function answerMode(configurations: AgentConfigurations): AnswerMode {
  const { answer = 'announce' } = configurations;
  return typeof answer === 'string' ? answer : answer.mode;
}

/** The telephony configuration through which a call is handed over; null: the answer names none. */
export function answerAccountOf({ answer }: AgentConfigurations): number | null {
  return typeof answer === 'object' ? (answer.account_id ?? null) : null;
}

function announcement(text: string, speech: RequestedSpeech): InstructionOf<'announce'>[] {
  return [{ name: 'say', text, ...speech }, { name: 'hang_up' }];
}

function stream(url: string, parameters: Record<string, string>): InstructionOf<'stream'>[] {
  return [{ name: 'connect', url, parameters }];
}

/** The instructions for a call that has not ended. */
async function instructionsFor(
  services: Pick<Services, 'clock'>,
  session: Session,
  call: {
    runId: number;
    definitionId: number;
    agentUuid: string;
    context: JsonObject;
    /** The initial context without what this server has added. */
    given: JsonObject;
    speech: RequestedSpeech;
    voicemail: VoicemailProgress | null;
    answeredBy: AnsweredBy | undefined;
    /** Where the document of the opening of a conversation is requested. */
    openingUrl: () => string;
    /** The text of the message for a machine; null: the greeting. */
    message: string | null;
  },
  configurations: AgentConfigurations,
): Promise<InstructionOf<AnswerMode>[]> {
  const { answer } = configurations;
  if (typeof answer === 'object') return [{ name: 'hand_over', to: answer, context: call.given }];
  if (call.voicemail !== null && call.voicemail.message !== null) {
    return announcement(
      (await messageFor(session, call.definitionId, call.message, call.context, services.clock.now())) ?? '',
      call.speech,
    );
  }
  // A machine does not talk: it gets the announcement.
  if (answerMode(configurations) === 'converse' && !isMachine(call.answeredBy)) {
    return [{ name: 'go_on', url: call.openingUrl() }];
  }
  const text = (await greetingFor(session, call.definitionId, call.context, services.clock.now())) ?? '';
  const url = configurations.stream_url;
  if (answerMode(configurations) === 'announce' || url === undefined) {
    return announcement(text, call.speech);
  }
  const parameters = {
    run_id: String(call.runId),
    agent_uuid: call.agentUuid,
    greeting: text,
    context: JSON.stringify(call.context),
  };
  return stream(url, parameters);
}

export function isMachine(answeredBy: AnsweredBy | undefined): boolean {
  return answeredBy === 'machine' || answeredBy === 'fax';
}

/** Checked before the dial, and here again, because the draft of a test call may have changed since. */
function isOffered(
  { config }: Pick<Services, 'config'>,
  run: RunRow,
  configurations: AgentConfigurations,
): boolean {
  const provider = findProvider(run.mode);
  const mode = answerMode(configurations);
  if (provider === undefined || !answerModesOf(provider, config).includes(mode)) return false;
  const speaksHere = mode === 'announce' || mode === 'converse';
  return !speaksHere || speechRefusal(provider, config, speechOf(run, configurations)) === null;
}

/** The configurations of a run's agent, with the answer that its calls get. */
export async function configurationsOf(
  services: Pick<Services, 'config' | 'hasModel'>,
  session: Session,
  run: Pick<RunRow, 'definition_id' | 'organization_id' | 'mode'>,
): Promise<AgentConfigurations> {
  const agent = await loadAnswering(session, run.definition_id);
  return withDefaultAnswer(services, session, run.organization_id, findProvider(run.mode), agent);
}

/** Whether a machine has answered that is to hear nothing. A fax gets no message. */
function isOnlyHungUp(voicemail: VoicemailProgress | null): boolean {
  if (voicemail === null || voicemail.action === 'speak') return false;
  const { action, answeredBy } = voicemail;
  return answeredBy === 'fax' || (action === 'hang_up' && answeredBy === 'machine');
}

/**
 * The answered call of a run, as it is now. A run that has ended is only hung up.
 * @param report that is being handled, and perhaps not stored yet.
 */
export async function answeredCallOf(
  services: Pick<Services, 'config' | 'clock' | 'secrets' | 'hasModel'>,
  session: Session,
  run: RunRow,
  report: StatusReport | null = null,
): Promise<AnsweredCall> {
  const configurations = await configurationsOf(services, session, run);
  const context = promptContext(run);
  const agentUuid = typeof context.workflow_uuid === 'string' ? context.workflow_uuid : '';
  const speech = speechOf(run, configurations);
  const voicemail = voicemailProgress(services, run, findProvider(run.mode), report);
  const message = parseVoicemail(run.voicemail)?.message ?? null;
  const callbackUrl = openingUrls(services, {
    provider: run.mode,
    configurationId: run.telephony_configuration_id,
    runId: run.id,
    attempt: run.attempt,
  });
  const call = {
    runId: run.id,
    definitionId: run.definition_id,
    agentUuid,
    context,
    given: withoutReserved(initialContext(run)),
    speech,
    voicemail,
    answeredBy: answererAfter(run, report),
    openingUrl: () => callbackUrl('talk'),
    message,
  };
  const isSilent =
    isFinalStatus(run.status) ||
    run.status === 'queued' ||
    isOnlyHungUp(voicemail) ||
    !isOffered(services, run, configurations);
  return {
    runId: run.id,
    attempt: run.attempt,
    configurationId: run.telephony_configuration_id,
    instructions: isSilent
      ? [{ name: 'hang_up' }]
      : await instructionsFor(services, session, call, configurations),
    voicemail,
    ringTimeoutSeconds: configurations.ring_timeout_seconds ?? defaultRingTimeoutSeconds,
    maxCallDurationSeconds: configurations.max_call_duration ?? defaultMaxCallDurationSeconds,
    record: run.is_recorded === 1,
    callbackUrl,
  };
}
