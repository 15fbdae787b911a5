/** What a call does if a machine answers: the field of a request, what a carrier cannot do, and how far a call has come. */
import {
  isFinalStatus,
  voicemail as voicemailSchema,
  type AnsweredBy,
  type TriggerRequest,
  type Voicemail,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import type { AnswerMode } from '../../carriers/answer-modes';
import type { TelephonyProvider } from '../../carriers/port/provider';
import type { StatusReport } from '../../carriers/port/report';
import type { VoicemailProgress } from '../../carriers/port/voicemail';
import { validate } from '../../http/validation';
import { Problem } from '../../problem';
import { parseVoicemail } from '../../runs/run-state';
import type { RunRow } from '../../runs/runs';
import { answererAfter, isAnnouncementHeard } from '../../runs/transitions';
import type { Services } from '../../services';

const fields = z.object({ voicemail: voicemailSchema.nullish() });

/**
 * Reads the field of a trigger request. Null while the extension is off, as on plain Dograh.
 * @throws Problem unprocessable
 */
export function readVoicemail(
  { config }: Pick<Services, 'config'>,
  { voicemail }: Pick<TriggerRequest, 'voicemail'>,
): Voicemail | null {
  if (!config.extensions.has('voicemail')) return null;
  return validate(fields, { voicemail }, 'body').voicemail ?? null;
}

/** The refusal of an action that this provider cannot do for calls of this mode; null when it can. */
export function voicemailRefusal(
  { displayName, voicemail: offer }: TelephonyProvider,
  mode: AnswerMode,
  { action }: Voicemail,
): Problem | null {
  // A machine does not talk: it gets what an announcement would give it.
  const offered =
    mode === 'dograh' ? [] : (offer?.[mode] ?? (mode === 'converse' ? offer?.announce : null) ?? []);
  if (offered.includes(action)) return null;
  const reason =
    offer === undefined
      ? `${displayName} cannot tell this server whether a person or a machine answered.`
      : `Calls through ${displayName} that are answered with '${mode}' cannot do '${action}' if a machine answers; they can do ${offered.map((one) => `'${one}'`).join(' and ')}.`;
  return new Problem(
    'not_implemented',
    `${reason} Nobody was called. Leave voicemail out of the call and of the agent’s settings, or choose another telephony configuration.`,
    { code: 'voicemail_not_supported' },
  );
}

/**
 * How far a call has come, for its provider; null for a call that does not say what happens if a machine answers.
 * @param report that is being handled, and perhaps not stored yet.
 */
export function voicemailProgress(
  { clock }: Pick<Services, 'clock'>,
  run: RunRow,
  provider: Pick<TelephonyProvider, 'voicemail'> | undefined,
  report: StatusReport | null,
): VoicemailProgress | null {
  const voicemail = parseVoicemail(run.voicemail);
  if (voicemail === null) return null;
  const { action } = voicemail;
  const answeredBy = answererAfter(run, report) ?? null;
  const waitsSeconds = provider?.voicemail?.waitsSeconds ?? Infinity;
  const reported = report?.messageHeard === true ? 'left' : run.message_state;
  const message = reported === 'due' && answeredBy !== 'machine' ? null : reported;
  return {
    action,
    answeredBy,
    isAnnouncementHeard: isAnnouncementHeard(run),
    message,
    isMessagePossible:
      action === 'leave_message' &&
      !isFinalStatus(run.status) &&
      message === null &&
      mayBeMachine(answeredBy) &&
      secondsSinceAnswer(clock.steady(), run) < waitsSeconds,
  };
}

function mayBeMachine(who: AnsweredBy | null): boolean {
  return who === null || who === 'machine';
}

/** 0 when the answer is only being reported. */
function secondsSinceAnswer(now: Date, { answered_steady_at: answeredAt }: RunRow): number {
  return answeredAt === null ? 0 : (now.getTime() - Date.parse(answeredAt)) / 1000;
}
