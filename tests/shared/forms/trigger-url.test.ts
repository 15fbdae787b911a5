import { parseTriggerReference, triggerPath } from '@dograh-trigger/shared';
import { caughtFrom } from '../../support/caught';

const uuid = '3f2b8c1e-7a64-4d1b-9c55-0e2f4a6b8d10';

describe('triggerPath', () => {
  test.each([
    [{ triggerUuid: uuid }, 'production', `/public/agent/${uuid}`],
    [{ triggerUuid: uuid }, 'test', `/public/agent/test/${uuid}`],
    [{ agentUuid: uuid }, 'production', `/public/agent/workflow/${uuid}`],
    [{ agentUuid: uuid }, 'test', `/public/agent/test/workflow/${uuid}`],
    [{ triggerUuid: 'support_west' }, 'production', '/public/agent/support_west'],
  ] as const)('%j in %s is %s', (target, environment, path) => {
    expect(triggerPath(target, environment)).toBe(path);
  });

  test.each(['', '.', '..', 'a/b', '../../workflow/create', 'a?b', 'a b', 'ü', '\ud800', 'a'.repeat(37)])(
    '%j, which is not a valid identifier, is refused',
    (triggerUuid) => {
      expect(caughtFrom(() => triggerPath({ triggerUuid }, 'production')).code).toBe('invalid_input');
    },
  );
});

describe('parseTriggerReference', () => {
  const trigger = { triggerUuid: uuid };
  const agent = { agentUuid: uuid };

  test.each([
    [`https://api.dograh.com/api/v1/public/agent/${uuid}`, trigger, 'production'],
    [`https://api.dograh.com/api/v1/public/agent/test/${uuid}`, trigger, 'test'],
    [`http://localhost:8000/api/v1/public/agent/workflow/${uuid}`, agent, 'production'],
    [`http://localhost:8000/api/v1/public/agent/test/workflow/${uuid}`, agent, 'test'],
    [`https://example.test/voice/public/agent/${uuid}/?x=1#y`, trigger, 'production'],
    [`api.dograh.com/api/v1/public/agent/${uuid}`, trigger, 'production'],
    [`/public/agent/test/${uuid}`, trigger, 'test'],
    [` ${uuid}\n`, trigger, null],
    [`workflow/${uuid}`, agent, null],
    [`test/${uuid}`, trigger, 'test'],
    [`test/workflow/${uuid}`, agent, 'test'],
    ['support_west', { triggerUuid: 'support_west' }, null],
  ])('%j names %j in %j', (text, target, environment) => {
    expect(parseTriggerReference(text)).toEqual({ target, environment });
  });

  test('a trigger path may itself be the word "test" or "workflow"', () => {
    const targetOf = (path: string) => parseTriggerReference(`https://x.test/api/v1/public/agent/${path}`);
    expect(targetOf('test')).toEqual({ target: { triggerUuid: 'test' }, environment: 'production' });
    expect(targetOf('workflow')).toEqual({ target: { triggerUuid: 'workflow' }, environment: 'production' });
    expect(targetOf('test/workflow')).toEqual({ target: { triggerUuid: 'workflow' }, environment: 'test' });
    expect(targetOf('workflow/test')).toEqual({ target: { agentUuid: 'test' }, environment: 'production' });
  });

  test.each([
    '',
    '   ',
    'two words',
    'https://api.dograh.com',
    'https://api.dograh.com/workflow/12',
    'https://api.dograh.com/api/v1/public/agent/',
    `https://api.dograh.com/api/v1/public/agent/other/${uuid}`,
    `https://api.dograh.com/api/v1/public/agent/test/workflow/${uuid}/more`,
    `https://public/agent/${uuid}`,
    `a/b/${uuid}`,
    'a'.repeat(37),
    `https://x.test/public/agent/${'/'.repeat(100_000)}a`,
  ])('%.60j names nothing', (text) => {
    expect(parseTriggerReference(text)).toBeNull();
  });

  test('parseTriggerReference reads every result of triggerPath', () => {
    for (const target of [trigger, agent]) {
      for (const environment of ['production', 'test'] as const) {
        expect(parseTriggerReference(triggerPath(target, environment))).toEqual({ target, environment });
      }
    }
  });
});
