import { parseTranscript } from '@dograh-trigger/shared';

test('each line becomes an utterance with its speaker and time', () => {
  const text =
    '[2026-08-22T03:04:05Z] assistant: Hello: Jane\r\n[2026-08-22T03:04:09Z -> 2026-08-22T03:04:10Z] user: Hi\n';
  expect(parseTranscript(text)).toEqual([
    { speaker: 'assistant', startedAt: '2026-08-22T03:04:05Z', text: 'Hello: Jane' },
    { speaker: 'user', startedAt: '2026-08-22T03:04:09Z', text: 'Hi' },
  ]);
});

test('a line without a time has none, and a line without a speaker continues the one before', () => {
  expect(parseTranscript('user: first\nand second\nassistant: third')).toEqual([
    { speaker: 'user', startedAt: null, text: 'first\nand second' },
    { speaker: 'assistant', startedAt: null, text: 'third' },
  ]);
});

test('text that is not a transcript is kept unchanged', () => {
  expect(parseTranscript('[sandbox] nobody spoke')).toEqual([
    { speaker: null, startedAt: null, text: '[sandbox] nobody spoke' },
  ]);
  expect(parseTranscript('')).toEqual([]);
});
