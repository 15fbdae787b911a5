import app from '../../zapier-app/src/index';
import { runCommand } from '../support/zapier';

test('the platform’s own validation finds no error in the definition', async () => {
  expect(await runCommand('validate')).toEqual([]);
});

test('the app offers these steps, and hides what only fills dropdowns', () => {
  expect(Object.keys(app.creates)).toEqual(['start_call', 'start_call_and_wait', 'cancel_call']);
  expect(Object.keys(app.searches)).toEqual(['find_call', 'find_agent']);
  expect(Object.values(app.triggers).map(({ key, display }) => [key, display.hidden ?? false])).toEqual([
    ['call_completed', false],
    ['call_completed_polling', false],
    ['list_agents', true],
    ['list_telephony_configurations', true],
    ['list_phone_numbers', true],
  ]);
});

// Zapier blocks an update that removes a key or makes a field required: users' Zaps map them by name.
test('the fields that Zaps are built on are these', () => {
  const { start_call: startCall, start_call_and_wait: startCallAndWait } = app.creates;
  const { find_call: findCall, find_agent: findAgent } = app.searches;
  const { call_completed: instant, call_completed_polling: polling } = app.triggers;
  for (const [create, note] of [
    [startCall, []],
    [startCallAndWait, ['(computed)']],
  ] as const) {
    expect(keysOf(create.operation.inputFields)).toEqual([
      ...note,
      'agent *',
      'environment *',
      'phone_number *',
      'default_country',
      '(computed)',
      'initial_context',
      'initial_context_json',
      'greeting',
      'telephony_configuration_id',
      'from_phone_number_id',
      'call_reference',
      'if_placed_before',
    ]);
  }
  expect(keysOf(app.creates.cancel_call.operation.inputFields)).toEqual(['(computed)', 'run *']);
  expect(keysOf(findCall.operation.inputFields)).toEqual(['run', 'phone_number', 'default_country', 'agent']);
  expect(keysOf(findAgent.operation.inputFields)).toEqual(['name *']);
  expect(keysOf(instant.operation.inputFields)).toEqual(['(computed)', 'agent', 'statuses']);
  expect(keysOf(polling.operation.inputFields)).toEqual(['agent', 'statuses']);

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
    'duration_seconds',
    'phone_number',
    'caller_number',
    'direction',
    'created_at',
    'completed_at',
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
  expect(sampleOf(startCall)).toEqual(started);
  expect(sampleOf(startCallAndWait)).toEqual([...new Set([...started, 'already_placed', ...call])]);
  expect(sampleOf(findCall)).toEqual(call);
  expect(sampleOf(instant)).toEqual(call);
  expect(sampleOf(polling)).toEqual(call);
  expect(sampleOf(findAgent)).toEqual(['id', 'name', 'agent_id', 'agent_uuid']);
});

function keysOf(fields: readonly unknown[] = []): string[] {
  return (fields as ({ key: string; required?: boolean } | (() => unknown))[]).map((field) => {
    if (typeof field === 'function') return '(computed)';
    return field.required ? `${field.key} *` : field.key;
  });
}

test('429 reaches the client, and empty values in the variables are not removed', () => {
  expect(app.flags).toEqual({ throwForThrottlingEarly: false, cleanInputData: false });
});
