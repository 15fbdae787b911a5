import app from '../../zapier-app/src/index';
import { runCommand } from '../support/zapier';

test('the platform’s own validation finds no error in the definition', async () => {
  expect(await runCommand('validate')).toEqual([]);
});

test('the app offers these steps, and hides the triggers that only fill dropdowns', () => {
  expect(Object.keys(app.creates)).toEqual([
    'start_call',
    'start_call_and_wait',
    'cancel_call',
    'add_to_do_not_call',
    'create_campaign',
    'start_campaign',
    'pause_campaign',
  ]);
  expect(Object.keys(app.searches)).toEqual([
    'find_call',
    'find_agent',
    'check_do_not_call',
    'find_campaign',
  ]);
  expect(Object.values(app.triggers).map(({ key, display }) => [key, display.hidden ?? false])).toEqual([
    ['call_completed', false],
    ['call_completed_polling', false],
    ['list_agents', true],
    ['list_telephony_configurations', true],
    ['list_phone_numbers', true],
    ['list_campaigns', true],
  ]);
});

// Zapier blocks such an update, because users' Zaps map fields by key.
test('no published key of an input or output field is missing, and no other field is required', () => {
  const { start_call: startCall, start_call_and_wait: startCallAndWait } = app.creates;
  const { find_call: findCall, find_agent: findAgent } = app.searches;
  const { call_completed: instant, call_completed_polling: polling } = app.triggers;
  for (const [create, note] of [
    [startCall, []],
    [startCallAndWait, ['(computed)']],
  ] as const) {
    expectKeys(keysOf(create.operation.inputFields), [
      ...note,
      'agent *',
      'environment *',
      'phone_number *',
      'default_country',
      '(computed)',
      'initial_context',
      'initial_context_json',
      'greeting',
      'language',
      'voice',
      'voicemail',
      'voicemail_message',
      'telephony_configuration_id',
      'from_phone_number_id',
      'call_reference',
      'if_placed_before',
    ]);
  }
  expectKeys(keysOf(app.creates.cancel_call.operation.inputFields), ['(computed)', 'run *']);
  expectKeys(keysOf(findCall.operation.inputFields), ['run', 'phone_number', 'default_country', 'agent']);
  expectKeys(keysOf(findAgent.operation.inputFields), ['name *']);
  expectKeys(keysOf(instant.operation.inputFields), ['(computed)', 'agent', 'statuses']);
  expectKeys(keysOf(polling.operation.inputFields), ['agent', 'statuses']);

  const carrier = ['mode', 'is_sandbox', 'fallback_from_name', 'fallback_reason'];
  const started = [
    'id',
    'name',
    'agent',
    'agent_id',
    'agent_name',
    'environment',
    'phone_number',
    'status',
    ...carrier,
  ];
  const call = [
    'id',
    'name',
    'agent',
    'agent_id',
    'agent_name',
    'status',
    'is_completed',
    'reason',
    'disposition',
    'answered_by',
    'voicemail_left',
    'duration_seconds',
    'phone_number',
    'caller_number',
    'direction',
    'created_at',
    'completed_at',
    'attempt',
    'attempts',
    ...carrier,
    'unresolved_variables',
    'ignored_fields',
    'transcript_url',
    'recording_url',
    'transcript',
    'utterances',
    'transcript_file',
    'recording_file',
    'initial_context',
    'gathered_context',
  ];
  const sampleOf = ({ operation }: { operation: { sample?: object } }) => Object.keys(operation.sample ?? {});
  expectKeys(sampleOf(startCall), started);
  expectKeys(sampleOf(startCallAndWait), [...started, 'already_placed', ...call]);
  expectKeys(sampleOf(findCall), call);
  expectKeys(sampleOf(instant), call);
  expectKeys(sampleOf(polling), call);
  expectKeys(sampleOf(findAgent), ['id', 'name', 'agent_id', 'agent_uuid']);
});

/** @param published the keys of the last published version; ` *` marks required fields. */
function expectKeys(keys: readonly string[], published: readonly string[]): void {
  const required = (list: readonly string[]) => list.filter((key) => key.endsWith(' *')).sort();
  expect(keys).toEqual(expect.arrayContaining([...published]));
  expect(required(keys)).toEqual(required(published));
}

function keysOf(fields: readonly unknown[] = []): string[] {
  return (fields as ({ key: string; required?: boolean } | (() => unknown))[]).map((field) => {
    if (typeof field === 'function') return '(computed)';
    return field.required ? `${field.key} *` : field.key;
  });
}

test('a 429 reaches the client, and empty values in the variables are not removed', () => {
  expect(app.flags).toEqual({ throwForThrottlingEarly: false, cleanInputData: false });
});
