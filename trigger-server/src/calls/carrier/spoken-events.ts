/** What is noted of the words that a carrier spoke for us: of a greeting, and of a message for a machine. */
import { greetingFor, messageFor } from '../../agents/greeting';
import { heardPart, spokenEventType } from '../../artifacts/transcript';
import type { StatusReport } from '../../carriers/port/report';
import { promptContext } from '../../runs/prompt-context';
import { feedbackEvent, type RunEvent } from '../../runs/run-log';
import { parseVoicemail, type RunState } from '../../runs/run-state';
import type { Session } from '../../storage/port';

/** What was heard of the greeting, which is rendered with the run's context at the moment of the report. */
export async function greetingEvents(
  session: Session,
  run: RunState,
  { heardShare, greetingBegun }: StatusReport,
  at: Date,
): Promise<RunEvent[]> {
  const greeting = await greetingFor(session, run.definition_id, promptContext(run), at);
  const heard = greeting === null ? null : heardPart(greeting, heardShare);
  return spokenEvents(heard, at, greetingBegun === true ? 'greeting' : null);
}

export async function messageEvents(
  session: Session,
  run: RunState,
  { messageSpoken }: StatusReport,
  at: Date,
): Promise<RunEvent[]> {
  const template = parseVoicemail(run.voicemail)?.message ?? null;
  const message = await messageFor(session, run.definition_id, template, promptContext(run), at);
  return spokenEvents(message, at, messageSpoken === true ? 'message' : null);
}

/** @param begun what the carrier begins to speak; null: it has been spoken. */
function spokenEvents(text: string | null, at: Date, begun: 'greeting' | 'message' | null): RunEvent[] {
  if (text === null || text.trim() === '') return [];
  const event = feedbackEvent(spokenEventType, { text }, at.toISOString());
  return [begun === null ? event : { ...event, speech: { of: begun, text } }];
}
