import { endingInWords, sourceInWords, stateInWords } from '../../trigger-server/console/src/ui/run-words';

const created = '2026-11-23T12:00:00.000Z';
const now = Date.parse(created) + 72_000;
const run = { created_at: created, answered_at: null, completed_at: null };

it('says for how long a call has been ringing or answered', () => {
  expect(stateInWords({ ...run, status: 'ringing' }, Date.parse(created) + 12_400)).toBe('ringing 12 s');
  expect(stateInWords({ ...run, status: 'answered', answered_at: '2026-11-23T12:00:02.000Z' }, now)).toBe(
    'answered 1:10',
  );
});

it('counts from 0 where the clock of the browser is behind', () => {
  expect(stateInWords({ ...run, status: 'ringing' }, Date.parse(created) - 5000)).toBe('ringing 0 s');
});

it('says how a call ended', () => {
  expect(stateInWords({ ...run, status: 'no-answer' }, now)).toBe('no answer');
  const words = (reason: 'voicemail' | null, disposition: string | null) =>
    endingInWords({ ...run, reason, disposition });
  expect(words('voicemail', 'voicemail_detected')).toBe('A machine answered.');
  expect(words(null, 'user_hangup')).toBe('The person hung up.');
  expect(words(null, 'asked_for_later')).toBe('asked for later');
  expect(words(null, null)).toBe('');
});

it('names the key of a program, and n8n, Zapier and the console by themselves', () => {
  const key = { api_key_id: 1, api_key_name: 'CRM' };
  expect(sourceInWords({ kind: 'api', ...key })).toBe('CRM');
  expect(sourceInWords({ kind: 'n8n', ...key })).toBe('n8n');
  expect(sourceInWords({ kind: 'session', api_key_id: null, api_key_name: null })).toBe('Console');
  expect(sourceInWords(null)).toBe('');
});
