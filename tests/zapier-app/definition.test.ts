import app from '../../zapier-app/src/index';
import { runCommand } from '../support/zapier';

test('the platform’s own validation finds no error in the definition', async () => {
  expect(await runCommand('validate')).toEqual([]);
});

test('the app offers one create and one search, and hides what only fills dropdowns', () => {
  expect(Object.keys(app.creates)).toEqual(['start_call']);
  expect(Object.keys(app.searches)).toEqual(['find_call']);
  expect(Object.values(app.triggers).map(({ key, display }) => [key, display.hidden])).toEqual([
    ['list_agents', true],
    ['list_telephony_configurations', true],
    ['list_phone_numbers', true],
  ]);
});

// Zapier blocks an update that removes a key or makes a field required: users' Zaps map them by name.
test('the fields that Zaps are built on are these', () => {
  const { start_call: startCall } = app.creates;
  const { find_call: findCall } = app.searches;
  expect(keysOf(startCall.operation.inputFields)).toEqual([
    'agent *',
    'environment *',
    'phone_number *',
    'initial_context',
    'initial_context_json',
    'telephony_configuration_id',
    'from_phone_number_id',
    'call_reference',
  ]);
  expect(keysOf(findCall.operation.inputFields)).toEqual(['run *']);
  expect(Object.keys(startCall.operation.sample ?? {})).toEqual([
    'id',
    'workflow_run_id',
    'workflow_run_name',
    'status',
    'agent',
    'agent_id',
    'environment',
    'phone_number',
    'replayed',
  ]);
});

function keysOf(fields: readonly unknown[] = []): string[] {
  return (fields as { key: string; required?: boolean }[]).map(({ key, required }) =>
    required ? `${key} *` : key,
  );
}

test('429 reaches the client, and empty values in the variables are not removed', () => {
  expect(app.flags).toEqual({ throwForThrottlingEarly: false, cleanInputData: false });
});
