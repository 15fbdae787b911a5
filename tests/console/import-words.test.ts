import { importWords } from '../../trigger-server/console/src/screens/telephony/remote/words';

const agent = { id: 1, name: 'Reminder', remote_uuid: 'a' };

test('says how many agents were made, and how many were here already', () => {
  expect(
    importWords({ created: [agent], kept: [agent, agent], refused: [], remaining: 0, next_after: null }),
  ).toEqual(['1 agent made, 2 here already.']);
});

test('names each agent that was not imported with its reason, and how many are left', () => {
  const refused = [{ name: 'Survey', remote_uuid: 'b', reason: 'It is not there any more.' }];
  expect(importWords({ created: [], kept: [], refused, remaining: 20, next_after: 9 })).toEqual([
    '0 agents made, 0 here already.',
    'Survey was not imported. It is not there any more.',
    '20 agents left: import the next ones.',
  ]);
});
