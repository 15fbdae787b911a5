/** Replies of the list of calls, and a client with scripted answers that reports its requests. */
import { callMarker, type JsonObject, type UsageRun } from '@dograh-trigger/shared';
import { markOf } from '../../shared/src/client/marks';
import { json, scriptedClient, type Answer } from './scripted-client';

export const list = 'GET /organizations/usage/runs';

/** A row of Dograh (organization_usage_client.py) for a call that the carrier has accepted. */
export function row(id: number, changes: Partial<UsageRun> = {}): UsageRun {
  return {
    id,
    workflow_id: 7,
    workflow_name: 'Reminder',
    name: `WR-API-${String(id)}`,
    created_at: '2026-08-22T03:04:05.123456+00:00',
    dograh_token_usage: 0,
    call_duration_seconds: 0,
    recording_url: null,
    transcript_url: null,
    user_recording_url: null,
    bot_recording_url: null,
    recording_public_url: null,
    transcript_public_url: null,
    user_recording_public_url: null,
    bot_recording_public_url: null,
    public_access_token: null,
    phone_number: '+14155550100',
    caller_number: '+14155550199',
    called_number: '+14155550100',
    call_type: 'outbound',
    mode: 'twilio',
    disposition: null,
    initial_context: markedContext('order-1001'),
    gathered_context: { provider: 'twilio', triggered_by: 'api', call_id: 'CA1' },
    charge_usd: null,
    ...changes,
  };
}

export function markedContext(key: string): JsonObject {
  return { provider: 'twilio', called_number: '+14155550100', [callMarker]: markOf(key) };
}

/** The fields of a call that Dograh stored but never placed (workflow_run_failure.py). */
export function failedBefore(error: string): Partial<UsageRun> {
  const gathered = { error, call_disposition: 'error', mapped_call_disposition: 'error' };
  return { disposition: 'error', gathered_context: gathered };
}

export function page(rows: UsageRun[], changes: object = {}) {
  const fields = { total_dograh_tokens: 0, total_duration_seconds: 0, total_count: rows.length, page: 1 };
  return json(200, { runs: rows, ...fields, limit: 100, total_pages: 1, ...changes });
}

export const none = page([]);

/** A client with scripted answers. Its requests are recorded without their query. */
export function searchingClient(answers: Answer[], options = {}) {
  const set = scriptedClient(answers, options);
  return { ...set, calls: () => set.calls().map((sent) => sent.replace(/\?.*/, '')) };
}
