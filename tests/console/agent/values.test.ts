import { agentConfigurations } from '@dograh-trigger/shared';
import {
  exampleOf,
  withExample,
} from '../../../trigger-server/console/src/screens/agent/model/example-values';
import {
  voicemailOf,
  withSetting,
  withVoicemail,
} from '../../../trigger-server/console/src/screens/agent/model/settings';

describe('example values', () => {
  test('a dotted name leads into objects, and its neighbours stay', () => {
    const values = withExample({ user: { age: 3 }, other: true }, 'user.name', 'Ann');
    expect(values).toEqual({ user: { age: 3, name: 'Ann' }, other: true });
    expect(exampleOf(values, 'user.name')).toBe('Ann');
    expect(exampleOf(values, 'user')).toBe('{"age":3,"name":"Ann"}');
    expect(exampleOf(values, 'user.name.first')).toBe('');
  });

  test('an empty value is removed, with the objects that it leaves empty', () => {
    expect(withExample({ user: { name: 'Ann' }, other: 1 }, 'user.name', '')).toEqual({ other: 1 });
  });
});

describe('settings', () => {
  const settings = { language: 'en-US', dograh_only: [1] };

  test('an empty field removes its key, and unknown keys stay', () => {
    expect(withSetting(settings, 'language', '')).toEqual({ dograh_only: [1] });
    expect(withSetting(settings, 'ring_timeout_seconds', 20)).toEqual({
      ...settings,
      ring_timeout_seconds: 20,
    });
  });

  test('a voicemail setting has its message only where one is left', () => {
    const left = withVoicemail(settings, { action: 'leave_message', message: 'Call us.' });
    expect(left).toEqual({ ...settings, voicemail: { action: 'leave_message', message: 'Call us.' } });
    expect(voicemailOf(left)).toEqual({ action: 'leave_message', message: 'Call us.' });
    expect(withVoicemail(left, { action: 'hang_up', message: 'Call us.' })).toEqual({
      ...settings,
      voicemail: { action: 'hang_up' },
    });
    expect(withVoicemail(left, { action: '', message: 'Call us.' })).toEqual(settings);
  });

  test('the server accepts what the form writes', () => {
    const written = withVoicemail(withSetting({}, 'max_call_duration', 60), {
      action: 'leave_message',
      message: 'Call us.',
    });
    expect(agentConfigurations.parse(written)).toEqual(written);
  });
});
