/**
 * Field names that change whether or when a phone rings, in other voice APIs or in common use. This server does not know
 * them, and refuses them before a phone rings. Its own names stand here for a server whose extension `scheduling` is off.
 */
import type { RefusedNames } from '../../http/body/unknown-fields';

interface Group {
  advice: string;
  names: readonly string[];
}

/** Vapi: schedulePlan, earliestAt. Bland: start_time. Retell: trigger_timestamp. ElevenLabs: scheduled_time_unix. */
const when: Group = {
  advice:
    'This server does not know this field, and would call at once. Where /health lists scheduling, send not_before or not_after; elsewhere send the request when the phone may ring.',
  names: [
    ...['schedule', 'scheduled', 'scheduling', 'schedule_at', 'schedule_date', 'schedule_for'],
    ...['schedule_plan', 'schedule_time', 'schedule_type', 'scheduled_at', 'scheduled_date', 'scheduled_for'],
    ...['scheduled_on', 'scheduled_time', 'scheduled_time_unix', 'scheduled_timestamp'],
    ...['schedule_datetime', 'scheduled_datetime', 'send_after', 'wait', 'wait_until', 'wait_seconds'],
    ...['defer', 'deferred', 'deferred_until', 'defer_until', 'postpone', 'postponed_until'],
    ...['start_at', 'start_time', 'starts_at', 'send_at', 'send_time', 'call_at', 'call_time', 'call_date'],
    ...['call_after', 'call_before', 'dial_at', 'run_at', 'run_after', 'execute_at', 'deliver_at'],
    ...['trigger_at', 'trigger_time', 'trigger_timestamp', 'not_before', 'not_after'],
    ...['earliest', 'earliest_at', 'earliest_time', 'earliest_start', 'earliest_start_time'],
    ...['earliest_call_time', 'latest', 'latest_at', 'latest_time', 'latest_start', 'latest_start_time'],
    ...['latest_call_time', 'delay', 'delay_ms', 'delay_seconds', 'delay_minutes', 'delay_until'],
    ...['expires', 'expires_at', 'expires_in', 'expire_at', 'ttl', 'ttl_seconds', 'valid_until'],
  ],
};

const whenBusy: Group = {
  advice:
    'A call for which no slot is free is refused with 429. Where /health lists scheduling, when_busy: "wait" lets it wait. Leave this out.',
  names: ['when_busy', 'on_busy', 'if_busy', 'queue', 'queued', 'enqueue'],
};

const again: Group = {
  advice:
    'A call is placed once. Where /health lists scheduling, retry places it again; elsewhere send another request. Leave this out.',
  names: [
    ...['retry', 'retries', 'retry_after', 'retry_attempts', 'retry_config', 'retry_count', 'retry_delay'],
    ...['retry_interval', 'retry_limit', 'retry_on', 'retry_on_busy', 'retry_on_no_answer', 'retry_options'],
    ...['retry_policy', 'retry_settings', 'retry_strategy', 'auto_retry', 'max_retries', 'max_retry'],
    ...['max_attempts', 'max_tries', 'num_retries', 'number_of_retries', 'attempts', 'redial', 'redials'],
  ],
};

const onlyOnce: Group = {
  advice:
    'A key is read from the header Idempotency-Key alone, where /health lists idempotency-key. Send it there.',
  names: [
    ...['idempotency', 'idempotency_id', 'idempotency_key', 'idempotency_token', 'idempotent_id'],
    ...['idempotent_key', 'dedup_key', 'dedupe_key', 'deduplication_id', 'deduplication_key'],
  ],
};

const notAtAll: Group = {
  advice:
    'Every request places a call. Leave this out; to try one without a phone, name a sandbox in telephony_configuration_id.',
  names: [
    ...['dry_run', 'test', 'is_test', 'test_mode', 'sandbox', 'sandbox_mode', 'simulate', 'simulated'],
    ...['simulation', 'validate_only'],
  ],
};

const policy: Group = {
  advice:
    'Whom calls may reach, and at what hours, is the destination policy of the organization (/api/v1/organizations/destination-policy). Where /health lists scheduling, send time_zone and outside_hours. Leave this out.',
  names: [
    ...['do_not_call', 'do_not_dial', 'dnc', 'dnc_check', 'check_dnc', 'respect_dnc', 'honor_dnc'],
    ...['ignore_dnc', 'bypass_dnc', 'bypass_call_guardrails', 'outside_hours', 'calling_hours', 'call_hours'],
    ...['business_hours', 'working_hours', 'quiet_hours', 'dispatch_hours', 'allowed_hours'],
    ...['calling_window', 'calling_windows', 'call_window', 'call_windows', 'call_time_window'],
    ...['time_window', 'allowed_from', 'allowed_until', 'days_of_week', 'time_zone', 'timezone', 'tz'],
  ],
};

/** For routes that place a call. A field of the route's own schema is never refused. */
export const refusedCallFields: RefusedNames = Object.fromEntries(
  [when, whenBusy, again, onlyOnce, notAtAll, policy].flatMap(({ advice, names }) =>
    names.map((name) => [name, advice]),
  ),
);
