import { execFileSync } from 'node:child_process';
import { parseTriggerReference } from '@dograh-trigger/shared';
import {
  triggerCommand,
  n8nEntries,
  triggerUrl,
  zapierEntries,
} from '../../../trigger-server/console/src/screens/agent/model/snippets';

const url = 'https://calls.example.com/api/v1/public/agent/test/abc';

/** The arguments that a shell passes to curl. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync('/bin/sh', ['-c', script], {
    encoding: 'utf8',
    env: { DOGRAH_API_KEY: 'dgr_key' },
  })
    .split('\0')
    .slice(0, -1);
}

test('a shell reads the curl command as the request that is meant, whatever a value contains', () => {
  const variables = { name: `O'Brien "$(touch /tmp/never)" \`id\` \\`, nested: { line: 'a\nb' } };
  const sent = argumentsOf(triggerCommand(url, variables));
  expect(sent).toContain(url);
  expect(sent).toContain('X-API-Key: dgr_key');
  expect(JSON.parse(sent.at(-1)!)).toEqual({ phone_number: '+14155550100', initial_context: variables });
});

test('without variables the request has none', () => {
  expect(JSON.parse(argumentsOf(triggerCommand(url, {})).at(-1)!)).toEqual({ phone_number: '+14155550100' });
});

test('n8n and Zapier get the server’s address, and a reference that their field Agent accepts', () => {
  for (const entries of [n8nEntries(url, 'test'), zapierEntries(url, 'test')]) {
    const [server, agent, environment] = entries.map(({ value }) => value);
    expect(server).toBe('https://calls.example.com');
    expect(parseTriggerReference(agent!)).toEqual({ target: { triggerUuid: 'abc' }, environment: 'test' });
    expect(environment).toBe('Test');
  }
});

test('the address of a trigger that is off is the one it will have', () => {
  expect(triggerUrl(url, 'http://localhost:8000', 'new', 'production')).toBe(
    'https://calls.example.com/api/v1/public/agent/new',
  );
  expect(triggerUrl(null, 'http://localhost:8000', 'new', 'test')).toBe(
    'http://localhost:8000/api/v1/public/agent/test/new',
  );
});
