/** A campaign while it is being made: what the form's controls hold, and what is sent. */
import type { CampaignDefaults, CreateCampaignRequest } from '@dograh-trigger/shared';

export interface CampaignDraft {
  name: string;
  /** The ids as the choices have them; empty: none. */
  agentId: string;
  accountId: string;
  /** Empty: as many as the organization may have. */
  mostAtOnce: string;
  hasHours: boolean;
  from: string;
  to: string;
  /** 0: Monday. */
  days: readonly number[];
  timeZone: string;
  retriesBusy: boolean;
  retriesNoAnswer: boolean;
  retriesVoicemail: boolean;
  mostRetries: string;
  delayMinutes: string;
  /** Whether it pauses when many of its calls fail. */
  pauses: boolean;
}

/** @param timeZone the reader's. */
export function newDraft({ default_retry_config: retry }: CampaignDefaults, timeZone: string): CampaignDraft {
  return {
    name: '',
    agentId: '',
    accountId: '',
    mostAtOnce: '',
    hasHours: false,
    from: '09:00',
    to: '17:00',
    days: [0, 1, 2, 3, 4],
    timeZone,
    retriesBusy: retry.retry_on_busy,
    retriesNoAnswer: retry.retry_on_no_answer,
    retriesVoicemail: retry.retry_on_voicemail,
    mostRetries: String(retry.max_retries),
    delayMinutes: String(retry.retry_delay_seconds / 60),
    pauses: true,
  };
}

/** What the server is sent. It judges the values, so what is not a number stays as it was typed. */
export function campaignToSend(
  draft: CampaignDraft,
  fileKey: string,
): Record<keyof CreateCampaignRequest, unknown> {
  return {
    name: draft.name.trim(),
    workflow_id: numberIn(draft.agentId),
    source_type: 'csv',
    source_id: fileKey,
    telephony_configuration_id: draft.accountId === '' ? null : numberIn(draft.accountId),
    max_concurrency: draft.mostAtOnce.trim() === '' ? null : numberIn(draft.mostAtOnce),
    schedule_config: draft.hasHours ? scheduleOf(draft) : null,
    retry_config: {
      max_retries: numberIn(draft.mostRetries),
      retry_delay_seconds: secondsIn(draft.delayMinutes),
      retry_on_busy: draft.retriesBusy,
      retry_on_no_answer: draft.retriesNoAnswer,
      retry_on_voicemail: draft.retriesVoicemail,
    },
    circuit_breaker: { enabled: draft.pauses },
  };
}

function scheduleOf({ days, from, to, timeZone }: CampaignDraft) {
  const slots = days
    .toSorted()
    .map((day) => ({ day_of_week: day, start_time: from.trim(), end_time: to.trim() }));
  return { timezone: timeZone.trim(), slots };
}

function numberIn(text: string): number | string {
  return /^\d+$/.test(text.trim()) ? Number(text) : text;
}

function secondsIn(minutes: string): number | string {
  return /^\d+(\.\d+)?$/.test(minutes.trim()) ? Math.round(Number(minutes) * 60) : minutes;
}
