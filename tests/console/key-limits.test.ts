/** What an API key may do and until when. */
import { createApiKeyRequest } from '@dograh-trigger/shared';
import {
  emptyDraft,
  hasExpired,
  keyToSend,
  limitsInWords,
  stateOfKey,
} from '../../trigger-server/console/src/screens/guard/keys/key-limits';

test('a new key may only place calls, of all agents and without an end, unless more is chosen', () => {
  expect(keyToSend({ ...emptyDraft, name: 'n8n' })).toEqual({
    name: 'n8n',
    scope: 'trigger',
    agents: null,
    expires_at: null,
  });
});

test('a key works to the end of its last day by the clock of the person, and the API takes that moment', () => {
  const sent = keyToSend({ ...emptyDraft, name: 'n8n', agents: [7], lastDay: '2027-12-31' });
  expect(createApiKeyRequest.parse(sent)).toEqual(sent);
  expect(sent.agents).toEqual([7]);
  expect(new Date(sent.expires_at ?? '')).toEqual(new Date(2028, 0, 1));
});

test('agents that were chosen are not sent with a scope that they do not limit', () => {
  expect(keyToSend({ ...emptyDraft, name: 'report', scope: 'read', agents: [7] }).agents).toBeNull();
});

test('what a key may do is said with the names of its agents, and with the id of one whose name is not known', () => {
  const agents = [{ id: 1, name: 'Demo agent' }];
  expect(limitsInWords({ scope: 'trigger', agents: [1, 7] }, agents)).toBe(
    'Place calls: Demo agent, Agent 7',
  );
  expect(limitsInWords({ scope: 'trigger', agents: null }, agents)).toBe('Place calls');
  expect(limitsInWords({ scope: 'read' }, agents)).toBe('Read');
  expect(limitsInWords({ scope: 'admin' }, agents)).toBe('Everything');
});

test('a key is expired from its end on; an archived one stays archived', () => {
  const expires_at = '2027-01-01T00:00:00.000Z';
  const end = Date.parse(expires_at);
  expect(stateOfKey({ is_active: true, expires_at }, end - 1)).toBe('active');
  expect(stateOfKey({ is_active: true, expires_at }, end)).toBe('expired');
  expect(stateOfKey({ is_active: true, expires_at: null }, end)).toBe('active');
  expect(stateOfKey({ is_active: false, expires_at }, end)).toBe('archived');
  expect(hasExpired({ expires_at }, end - 1)).toBe(false);
  expect(hasExpired({ expires_at }, end)).toBe(true);
});
