import {
  faultOfValue,
  jsonFromText,
  newRow,
  numberFromText,
  shownProperties,
} from '../../../trigger-server/console/src/screens/agent/model/node-form';
import { specs } from './support';

function property(type: string, name: string) {
  return specs.get(type)!.properties.find((candidate) => candidate.name === name)!;
}

function shownNames(type: string, data: Parameters<typeof shownProperties>[1]): string[] {
  return shownProperties(specs.get(type)!.properties, data).map(({ name }) => name);
}

describe('which fields are shown', () => {
  test('a field that depends on another one is shown for its values', () => {
    expect(shownNames('startCall', { greeting_type: 'audio' })).toContain('greeting_recording_id');
    expect(shownNames('startCall', { greeting_type: 'audio' })).not.toContain('greeting');
  });

  test('a node without the other value counts as having its default', () => {
    expect(shownNames('startCall', {})).toContain('greeting');
    expect(shownNames('startCall', {})).not.toContain('pre_call_fetch_url');
    expect(shownNames('startCall', { pre_call_fetch_mode: 'always' })).toContain('pre_call_fetch_url');
  });

  test('a field with two conditions needs both', () => {
    expect(shownNames('qa', { qa_provider: 'azure' })).not.toContain('qa_endpoint');
    expect(shownNames('qa', { qa_provider: 'azure', qa_use_workflow_llm: false })).toContain('qa_endpoint');
  });

  test('the older form of a field is never shown', () => {
    expect(shownNames('startCall', { pre_call_fetch_enabled: true })).not.toContain('pre_call_fetch_enabled');
  });
});

describe('what a field accepts', () => {
  test('a number is read as one, and other text stays as it was typed, with its fault', () => {
    const seconds = property('startCall', 'delayed_start_duration');
    expect(numberFromText('2.5')).toBe(2.5);
    expect(numberFromText(' ')).toBeNull();
    expect(numberFromText('2,5')).toBe('2,5');
    expect(faultOfValue(seconds, '2,5')).toBe('This is not a number.');
    expect(faultOfValue(seconds, 11)).toBe('The most is 10.');
    expect(faultOfValue(seconds, 0)).toBe('The least is 0.1.');
    expect(faultOfValue(seconds, 10)).toBeNull();
  });

  test('a trigger path has the characters and the length that the server accepts', () => {
    const path = property('trigger', 'trigger_path');
    expect(faultOfValue(path, 'my_path-1')).toBeNull();
    expect(faultOfValue(path, 'a/b')).toMatch('not allowed');
    expect(faultOfValue(path, 'a'.repeat(37))).toMatch('37 characters');
  });

  test('an empty field has no fault here: whether it is needed is the server’s to say', () => {
    expect(faultOfValue(property('webhook', 'endpoint_url'), '')).toBeNull();
    expect(faultOfValue(property('webhook', 'endpoint_url'), 'crm')).toMatch('https://');
  });

  test('text that is not JSON is refused in words', () => {
    expect(jsonFromText('{"a": 1}')).toEqual({ a: 1 });
    expect(jsonFromText(' ')).toBeNull();
    expect(() => jsonFromText('{"a": ')).toThrow('This is not JSON yet, so it cannot be saved');
  });
});

test('a new row has every field of its kind, with its default', () => {
  const { properties } = property('agentNode', 'extraction_variables');
  expect(newRow(properties!)).toEqual({ name: '', type: 'string', prompt: '' });
});
