/** The organization's list of calls as a client gets it, and a client that is asked for what it sends. */
import { callMarker, type JsonObject, type UsageRun } from '@dograh-trigger/shared';
import { markOf } from '../../shared/src/client/idempotency';
import { json, scriptedClient, type Answer } from './scripted-client';

export const list = 'GET /organizations/usage/runs';

/** A row as Dograh writes it (organization_usage_client.py), of a call that the carrier has taken. */
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

/** What Dograh keeps of a call that it never placed (workflow_run_failure.py). */
export function failedBefore(error: string): Partial<UsageRun> {
  const gathered = { error, call_disposition: 'error', mapped_call_disposition: 'error' };
  return { disposition: 'error', gathered_context: gathered };
}

export function page(rows: UsageRun[], changes: object = {}) {
  const facts = { total_dograh_tokens: 0, total_duration_seconds: 0, total_count: rows.length, page: 1 };
  return json(200, { runs: rows, ...facts, limit: 100, total_pages: 1, ...changes });
}

export const none = page([]);

/** A client with scripted answers, and what it sends without the query. */
export function lookingClient(answers: Answer[], options = {}) {
  const set = scriptedClient(answers, options);
  return { ...set, calls: () => set.calls().map((sent) => sent.replace(/\?.*/, '')) };
}
