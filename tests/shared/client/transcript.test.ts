import { parseTranscript, utterancesIn, type JsonObject, type JsonValue } from '@dograh-trigger/shared';

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

test('the log of a run has the same utterances: the words of both, with the time of the words before that of the event', () => {
  const said = {
    type: 'rtf-bot-text',
    payload: { text: ' Hello Jane. ' },
    timestamp: '2026-08-22T03:04:05Z',
  };
  const heard = {
    type: 'rtf-user-transcription',
    payload: { text: 'Hi', final: true, timestamp: '2026-08-22T03:04:08Z' },
    timestamp: '2026-08-22T03:04:09Z',
  };
  const others: JsonValue[] = [
    { type: 'rtf-node-transition', payload: { node_name: 'Start' }, timestamp: '2026-08-22T03:04:04Z' },
    { type: 'rtf-bot-text', payload: { text: ' ' } },
    { type: 'rtf-bot-text', payload: null },
    'no event',
  ];
  const logs = {
    realtime_feedback_events: [said, ...others, heard, { type: 'rtf-bot-text', payload: { text: 'Bye' } }],
  };
  expect(utterancesIn({ logs })).toEqual([
    { speaker: 'assistant', startedAt: '2026-08-22T03:04:05Z', text: 'Hello Jane.' },
    { speaker: 'user', startedAt: '2026-08-22T03:04:08Z', text: 'Hi' },
    { speaker: 'assistant', startedAt: null, text: 'Bye' },
  ]);
});

test.each<{ logs?: JsonObject | null }>([
  {},
  { logs: null },
  { logs: {} },
  { logs: { realtime_feedback_events: null } },
])('a run with %j has no utterances', (run) => {
  expect(utterancesIn(run)).toEqual([]);
});
