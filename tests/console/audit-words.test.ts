import { auditActions } from '@dograh-trigger/shared';
import { actionInWords, actorInWords } from '../../trigger-server/console/src/screens/guard/audit-words';

test.each([
  ['agent.published', '3', 'Agent 3 published'],
  ['api_key.created', '7', 'API key 7 created'],
  ['webhook_secret.rotated', null, 'Webhook secret rotated'],
  ['user.sign_in_failed', '1', 'User 1 sign in failed'],
] as const)('%s of %s is said as: %s', (action, subject_id, words) => {
  expect(actionInWords({ action, subject_id })).toBe(words);
});

test('every action has words without underscores', () => {
  const words = auditActions.map((action) => actionInWords({ action, subject_id: null }));
  expect(words.filter((text) => /_|^\s|\s$/.test(text))).toEqual([]);
});

test('who did it: a command, a key or a user', () => {
  const [user, key] = [
    { id: 1, email: 'jane@example.com' },
    { id: 2, name: 'Order system' },
  ];
  expect(actorInWords({ user: null, key: null, command: 'create-key' })).toBe('npm run admin -- create-key');
  expect(actorInWords({ user: null, key, command: null })).toBe('the key Order system');
  expect(actorInWords({ user, key: null, command: null })).toBe('jane@example.com');
});
