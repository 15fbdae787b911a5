/** The settings of a carrier account: from the form that the server describes to the request. */
import type { ProviderField } from '@dograh-trigger/shared';
import { listProviderMetadata } from '../../trigger-server/src/carriers/provider-metadata';
import { providers } from '../../trigger-server/src/carriers/registry';
import {
  isVisible,
  savedEnd,
  settingErrors,
  settingsToSend,
  shownValue,
} from '../../trigger-server/console/src/screens/telephony/settings';

function field(name: string, changes: Partial<ProviderField> = {}): ProviderField {
  return {
    name,
    label: name,
    type: 'text',
    required: true,
    sensitive: false,
    description: null,
    placeholder: null,
    options: null,
    visible_when: null,
    section: null,
    ...changes,
  };
}

const token = field('auth_token', { type: 'password', sensitive: true });

describe('a saved secret', () => {
  const stored = { auth_token: '************cdef' };

  test('is never in the form; only its end is named', () => {
    expect(shownValue(token, {}, stored)).toBe('');
    expect(savedEnd(token, stored)).toBe('cdef');
  });

  test('is sent as its mask while nobody types another, so that the server keeps it', () => {
    expect(settingsToSend([token], {}, stored)).toEqual(stored);
    expect(settingsToSend([token], { auth_token: '' }, stored)).toEqual(stored);
    expect(settingsToSend([token], { auth_token: 'another' }, stored)).toEqual({ auth_token: 'another' });
  });
});

describe('the settings that are sent', () => {
  test('leave out an empty optional field, so that the server uses its default', () => {
    const trunk = field('trunk', { required: false });
    expect(settingsToSend([trunk], { trunk: '' }, { trunk: 'old' })).toEqual({});
  });

  test('include an empty required field, so that the server says what is missing beside it', () => {
    expect(settingsToSend([field('app_name'), token], {}, {})).toEqual({ app_name: '', auth_token: '' });
  });

  test('leave out what the server sets itself, and what the form does not show', () => {
    const made = field('stasis_app_name', { type: 'readonly' });
    const mode = field('amd_mode', { visible_when: { field: 'amd_enabled', equals: 'true' } });
    const enabled = field('amd_enabled', { type: 'boolean', required: false });
    const fields = [made, mode, enabled];
    const stored = { stasis_app_name: 'dograh_1', amd_mode: 'detect', amd_enabled: true };
    expect(settingsToSend(fields, { amd_enabled: false }, stored)).toEqual({ amd_enabled: false });
    expect(isVisible(mode, fields, {}, stored)).toBe(true);
  });

  test('hold numbers as numbers and lists as lists', () => {
    const fields = [field('port', { type: 'number' }), field('hosts', { type: 'string-array' })];
    const stored = { port: 5060, hosts: ['a.example', 'b.example'] };
    expect(settingsToSend(fields, {}, stored)).toEqual(stored);
    expect(settingsToSend(fields, { port: 'none' }, stored)).toMatchObject({ port: 'none' });
  });

  const forms = listProviderMetadata({ ttsCommand: [], sttCommand: [] }).providers;
  test.each(forms)('of an untouched form are complete for $display_name', ({ provider, fields }) => {
    const stored = Object.fromEntries(
      fields.map(({ name, type }) => [name, type === 'boolean' ? false : '*x']),
    );
    const sent = settingsToSend(fields, {}, stored);
    const schema =
      Object.entries(providers).find(([name]) => name === provider)?.[1].configuration.shape ?? {};
    const editable = fields.filter(({ type }) => type !== 'readonly').map(({ name }) => name);
    expect(Object.keys(sent).sort()).toEqual([...editable].sort());
    expect(Object.keys(schema)).toEqual(expect.arrayContaining(editable));
  });
});

test('a refusal of a setting stands at the setting', () => {
  const errors = new Map([
    ['name', 'taken'],
    ['config.auth_token', 'Field required'],
  ]);
  expect(settingErrors(errors)).toEqual(new Map([['auth_token', 'Field required']]));
});
