/** Language and voice in each carrier's words, compared with the vendor's SDK where there is one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Response as startXml } from 'plivo';
import sdk from 'twilio';
import { commandsFor } from '../../../../trigger-server/src/carriers/providers/telnyx/instructions';
import { speechCommand } from '../../../../trigger-server/src/carriers/providers/ari/instructions';
import { cxml } from '../../../../trigger-server/src/carriers/providers/cloudonix/instructions';
import type { AnsweredCall } from '../../../../trigger-server/src/carriers/port/call';
import type { RequestedSpeech } from '../../../../trigger-server/src/carriers/port/speech';
import { findProvider, providerNames } from '../../../../trigger-server/src/carriers/registry';
import { received, vendorHost } from '../../../support/vendors/host';
import { announcement } from '../../../support/vendors/instructions';
import { vonageOracle } from '../../../support/vendors/vonage-oracle';

const ttsCommand = ['espeak-ng', '--stdout', '--stdin', '-v', '{voice}'];
const text = 'Buenos días';
const modules = join(__dirname, '../../../../node_modules');

/** The document for a carrier that speaks this text. */
async function documentOf(name: string, speech: Partial<RequestedSpeech>, said = text): Promise<string> {
  const host = vendorHost(name, { origin: 'http://127.0.0.1:9' });
  const call: AnsweredCall = {
    runId: 7,
    attempt: 1,
    configurationId: 3,
    record: false,
    instructions: announcement(said, speech),
    ringTimeoutSeconds: 30,
    voicemail: null,
    maxCallDurationSeconds: 60,
    callbackUrl: (purpose) => host.callbackUrl(purpose),
  };
  const request = received({ method: 'POST', url: host.callbackUrl('answer'), headers: {} }, 'answer');
  const document = await findProvider(name)?.callbacks?.answer?.(call, request, host);
  await host.close();
  return String(document?.body).replace('<?xml version="1.0" encoding="UTF-8"?>', '');
}

function offered(name: string): readonly string[] {
  const languages = findProvider(name)?.speech({ ttsCommand }).languages ?? [];
  if (languages === 'any') throw new Error(`${name} has no list of languages`);
  return languages;
}

/** The literals of a union in a declaration file of an SDK. */
function literalsOf(file: string, pattern: RegExp): ReadonlySet<string> {
  const union = pattern.exec(readFileSync(join(modules, file), 'utf8'))?.[1] ?? '';
  return new Set([...union.matchAll(/["']([^"']+)["']/g)].map(([, literal = '']) => literal));
}

type Row = [language: string | null, voice: string | null, sent: Record<string, string>];

describe('Twilio', () => {
  test.each<Row>([
    [null, null, { language: 'en-US' }],
    ['es-MX', null, { language: 'es-MX', voice: 'Polly.Mia' }],
    ['es-mx', null, { language: 'es-MX', voice: 'Polly.Mia' }],
    ['es', null, { language: 'es-ES', voice: 'Polly.Conchita' }],
    ['zh-CN', null, { language: 'cmn-CN', voice: 'Polly.Zhiyu' }],
    ['zh-HK', null, { language: 'yue-HK', voice: 'Google.yue-HK-Standard-A' }],
    ['uk-UA', null, { language: 'uk-UA', voice: 'Google.uk-UA-Standard-A' }],
    ['es-MX', 'Polly.Mia-Neural', { language: 'es-MX', voice: 'Polly.Mia-Neural' }],
    [null, 'Google.es-US-Chirp3-HD-Kore', { voice: 'Google.es-US-Chirp3-HD-Kore' }],
  ])('%s by %s is the <Say> of the SDK', async (language, voice, sent) => {
    const theirs = new sdk.twiml.VoiceResponse();
    theirs.say(sent, text);
    const [say] = /<Say.*<\/Say>/.exec(theirs.toString()) ?? [];
    expect(await documentOf('twilio', { language, voice })).toContain(`<Response>${say ?? 'none'}<`);
  });

  test('the SDK knows every language and every voice of the table', async () => {
    const declarations = 'twilio/lib/twiml/VoiceResponse.d.ts';
    const languages = literalsOf(declarations, /type SayLanguage = ([^;]+);/);
    const voices = literalsOf(declarations, /type SayVoice = ([^;]+);/);
    for (const tag of offered('twilio')) {
      const [, language = '', , voice] =
        /<Say language="([^"]+)"( voice="([^"]+)")?>/.exec(await documentOf('twilio', { language: tag })) ??
        [];
      expect(languages).toContain(language);
      if (voice !== undefined) expect(voices).toContain(voice);
    }
  });

  test.each([
    ['a text of ASCII', 'This sentence has words. '.repeat(400)],
    ['a text of another script', '这句话有几个字。'.repeat(400)],
  ])('%s is spoken in parts within both limits, and none of it is lost', async (_what, said) => {
    const document = await documentOf('twilio', {}, said);
    const parts = [...document.matchAll(/<Say[^>]*>([^<]*)<\/Say>/g)].map(([, part = '']) => part);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) {
      expect(Buffer.byteLength(part)).toBeLessThanOrEqual(3000);
      expect(encodeURIComponent(part).length).toBeLessThanOrEqual(4500);
      expect(part).toMatch(/[.。]$/);
    }
    expect(parts.join('').replace(/\s/g, '')).toBe(said.replace(/\s/g, ''));
  });
});

describe('Plivo', () => {
  interface PlivoXml {
    addSpeak(text: string, attributes: Record<string, string>): void;
    addHangup(): void;
    toXML(): string;
  }

  test.each<Row>([
    [null, null, { language: 'en-US' }],
    ['es-MX', null, { language: 'es-MX', voice: 'Polly.Mia' }],
    ['ar', null, { language: 'arb', voice: 'Polly.Zeina' }],
    ['pt-BR', 'WOMAN', { language: 'pt-BR', voice: 'WOMAN' }],
    [null, 'Polly.Hans', { voice: 'Polly.Hans' }],
  ])('%s by %s is the <Speak> of the SDK', async (language, voice, sent) => {
    const theirs: PlivoXml = startXml();
    theirs.addSpeak(text, sent);
    theirs.addHangup();
    expect(await documentOf('plivo', { language, voice })).toBe(theirs.toXML());
  });
});

describe('Vonage', () => {
  test.each<Row>([
    [null, null, { language: 'en-US' }],
    ['es-MX', null, { language: 'es-MX' }],
    ['zh-TW', null, { language: 'cmn-TW' }],
  ])('%s by %s is the talk of the SDK', async (language, voice, sent) => {
    const theirs = await vonageOracle({ name: 'ncco', actions: [{ talk: text, ...sent }] });
    expect(JSON.parse(await documentOf('vonage', { language, voice }))).toEqual(theirs);
  });

  test('a voice is the number of a style, in en-US if no language is named', async () => {
    expect(JSON.parse(await documentOf('vonage', { language: 'pt-PT', voice: '6' }))).toEqual([
      { action: 'talk', text, language: 'pt-PT', style: 6 },
    ]);
    expect(JSON.parse(await documentOf('vonage', { voice: '0' }))).toEqual([
      { action: 'talk', text, language: 'en-US', style: 0 },
    ]);
  });

  test('every language of its table is one that the SDK knows', async () => {
    const known = await vonageOracle({ name: 'languages' });
    for (const language of offered('vonage')) {
      const [talk] = JSON.parse(await documentOf('vonage', { language })) as { language: string }[];
      expect(known).toContain(talk?.language);
    }
  });
});

describe('Telnyx', () => {
  const account = 'Telnyx.KokoroTTS.af';
  const sentFor = (speech: Partial<RequestedSpeech>) =>
    announcement(text, speech).flatMap((instruction) => commandsFor(instruction, account))[0];

  test.each<Row>([
    [null, null, { voice: account }],
    ['en-US', null, { language: 'en-US', voice: 'AWS.Polly.Joanna' }],
    ['de-DE', null, { language: 'de-DE', voice: 'AWS.Polly.Marlene' }],
    ['de-DE', 'Azure.de-DE-KatjaNeural', { language: 'de-DE', voice: 'Azure.de-DE-KatjaNeural' }],
    [null, 'AWS.Polly.Hans', { voice: 'AWS.Polly.Hans' }],
  ])('%s by %s is spoken by the command', (language, voice, sent) => {
    expect(sentFor({ language, voice })).toEqual({ speak: { payload: text, ...sent } });
  });

  test('every language of its table is one that the SDK knows', () => {
    const known = literalsOf(
      'telnyx/resources/calls/actions.d.ts',
      /parameter is ignored when a `Polly\.\*` voice\s+\* is specified\.\s+\*\/\s+language\?: ([^;]+);/,
    );
    for (const tag of offered('telnyx')) {
      const command = sentFor({ language: tag });
      if (command === undefined || command === 'hang_up' || 'relay' in command)
        throw new Error('Nothing was spoken');
      expect(known).toContain(command.speak.language);
    }
  });
});

test.each<Row>([
  [null, null, { language: 'en-US' }],
  ['hi-IN', null, { language: 'hi-IN' }],
  ['en-GB', 'MAN', { language: 'en-GB', voice: 'MAN' }],
  [null, 'MAN', { language: 'en-US', voice: 'MAN' }],
])('Vobiz speaks %s by %s as documented', async (language, voice, sent) => {
  const attributes = Object.entries(sent).map(([name, value]) => ` ${name}="${value}"`);
  expect(await documentOf('vobiz', { language, voice })).toBe(
    `<Response><Speak${attributes.join('')}>${text}</Speak><Hangup/></Response>`,
  );
});

test.each<Row>([
  [null, null, { language: 'en-US' }],
  ['es-MX', null, { language: 'es-MX' }],
  ['en-US', 'Google:en-US-Neural2-F', { language: 'en-US', voice: 'Google:en-US-Neural2-F' }],
])('Cloudonix speaks %s by %s as documented', (language, voice, sent) => {
  const attributes = Object.entries(sent).map(([name, value]) => ` ${name}="${value}"`);
  expect(cxml(announcement(text, { language, voice }), 'https://x.test/next')).toContain(
    `<Say${attributes.join('')}>${text}</Say>`,
  );
});

test.each([
  [null, null, 'en-us'],
  ['es-MX', null, 'es-419'],
  ['fr', null, 'fr-fr'],
  ['en-GB', 'en-gb-scotland', 'en-gb-scotland'],
  [null, 'mb-de5', 'mb-de5'],
])('the program of Asterisk speaks %s by %s with the voice %s', (language, voice, name) => {
  const command = speechCommand(ttsCommand, announcement(text, { language, voice }));
  expect(command).toEqual(['espeak-ng', '--stdout', '--stdin', '-v', name]);
});

test('Asterisk has the languages of espeak-ng, and none for a command without {voice}', () => {
  expect(offered('ari')).toContain('es-MX');
  const withoutVoice = findProvider('ari')?.speech({ ttsCommand: ['piper'] });
  expect(withoutVoice).toMatchObject({ languages: [] });
  expect(withoutVoice?.isVoice('es')).toBe(false);
});

test('every carrier that speaks has en-US, the default language', () => {
  const speaking = providerNames.filter((name) => findProvider(name)?.can.includes('say'));
  const lists = speaking.map((name) => findProvider(name)?.speech({ ttsCommand }).languages);
  expect(lists.filter((languages) => languages !== 'any' && !languages?.includes('en-US'))).toEqual([]);
});
