import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderMetadata } from '@dograh-trigger/shared';
import * as z from 'zod';
import { findProvider, providerNames } from '../../../trigger-server/src/carriers/registry';
import { describeField } from '../../../trigger-server/src/carriers/provider-metadata';
import { startTestServer } from '../../support/test-server';

const plain = { description: null, placeholder: null, options: null, visible_when: null, section: null };

test.each([
  ['text', z.string().meta({ field: { label: 'F' } }), { type: 'text', required: true, sensitive: false }],
  [
    'a secret',
    z.string().meta({ field: { label: 'F', secret: true } }),
    { type: 'password', required: true, sensitive: true },
  ],
  [
    'an optional number',
    z
      .int()
      .optional()
      .meta({ field: { label: 'F' } }),
    { type: 'number', required: false, sensitive: false },
  ],
  [
    'a flag with a default',
    z
      .boolean()
      .default(false)
      .meta({ field: { label: 'F' } }),
    { type: 'boolean', required: false, sensitive: false },
  ],
])('the form of %s', (_, schema, expected) => {
  expect(describeField('f', schema)).toEqual({ name: 'f', label: 'F', ...plain, ...expected });
});

test('description and placeholder reach the form', () => {
  const schema = z
    .string()
    .meta({ field: { label: 'F', description: 'Where to find it', placeholder: 'AC…' } });
  expect(describeField('f', schema)).toMatchObject({ description: 'Where to find it', placeholder: 'AC…' });
});

test('an enumeration is a select with its values', () => {
  const schema = z
    .enum(['continue', 'hangup'])
    .default('continue')
    .meta({ field: { label: 'F' } });
  expect(describeField('f', schema)).toMatchObject({
    type: 'select',
    required: false,
    options: [
      { value: 'continue', label: 'continue' },
      { value: 'hangup', label: 'hangup' },
    ],
  });
});

describe('200', () => {
  test('every provider in alphabetical order, with its form’s fields, its answer modes, its voicemail actions and whether it relays and transfers, as in the README', async () => {
    const server = await startTestServer({ STT_COMMAND: 'whisper' });
    try {
      const { apiKey } = await server.signUp();
      const reply = await server.request
        .get('/api/v1/organizations/telephony-providers/metadata')
        .set('X-API-Key', apiKey)
        .expect(200);
      const { providers } = reply.body as { providers: ProviderMetadata[] };
      expect(providers.map(({ provider }) => provider)).toEqual([...providerNames].sort());
      expect(providers.find(({ provider }) => provider === 'sandbox')).toEqual({
        provider: 'sandbox',
        display_name: 'Sandbox',
        connectivity: 'api',
        docs_url: null,
        answers: ['announce', 'converse', 'stream'],
        relays: false,
        transfers: false,
        languages: null,
        voicemail: {
          announce: ['hang_up', 'leave_message', 'speak'],
          stream: ['hang_up', 'leave_message', 'speak'],
        },
        fields: [expect.objectContaining({ name: 'calls_per_second', type: 'number', required: false })],
      });
      const readme = readFileSync(join(__dirname, '../../../trigger-server/README.md'), 'utf8');
      for (const { provider, answers = [], relays, transfers } of providers) {
        const cells = new RegExp(`^\\| \`${provider}\` .*$`, 'm').exec(readme)?.[0].split('|') ?? [];
        const told = (can: boolean | undefined) => (can === true ? 'yes' : 'no');
        expect(cells.slice(-3, -1).map((cell) => cell.trim())).toEqual([told(relays), told(transfers)]);
        expect(cells.at(-4)?.trim()).toBe(answers.map((answer) => `\`${answer}\``).join(', '));
      }
      for (const { display_name: name, voicemail } of providers) {
        const row = readme.split('### Voicemail')[1]?.split(`\n| ${name} `)[1]?.split('\n')[0] ?? '';
        const codes = (words: readonly string[] = []) =>
          words.map((word) => `\`${word}\``).join(', ') || 'none';
        expect(
          row
            .split('|')
            .slice(1, 3)
            .map((cell) => cell.trim()),
        ).toEqual([codes(voicemail?.announce), codes(voicemail?.stream)]);
      }
    } finally {
      await server.close();
    }
  });

  test.each([...providerNames])('the README has the number of languages of %s', (name) => {
    const provider = findProvider(name);
    const languages = provider?.speech({ ttsCommand: ['{voice}'] }).languages;
    const readme = readFileSync(join(__dirname, '../../../trigger-server/README.md'), 'utf8');
    const row = readme.split('### Language and voice')[1]?.split(`| ${provider?.displayName ?? ''} `)[1];
    expect(/[\w]+/.exec(row ?? '')?.[0]).toBe(languages === 'any' ? 'any' : String(languages?.length));
  });

  test('with EXTENSIONS empty the reply has only Dograh’s fields', async () => {
    const server = await startTestServer({ EXTENSIONS: '' });
    try {
      const { apiKey } = await server.signUp();
      const reply = await server.request
        .get('/api/v1/organizations/telephony-providers/metadata')
        .set('X-API-Key', apiKey)
        .expect(200);
      const { providers } = reply.body as { providers: ProviderMetadata[] };
      expect(
        providers.filter((provider) =>
          ['answers', 'voicemail', 'relays', 'transfers', 'languages'].some((name) => name in provider),
        ),
      ).toEqual([]);
    } finally {
      await server.close();
    }
  });
});
