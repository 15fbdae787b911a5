/** What a model that does not answer means: for how long it is waited for, and when it is asked again. */
import { ModelFailure } from '../../../../trigger-server/src/conversations/engine/port';
import { askableModel, question, type AskableModel } from '../../../support/model/asked';
import { startModelServer, type ModelServer } from '../../../support/model/server';
import { calls, call, chunk, refused, spoken, type Play } from '../../../support/model/streams';

let server: ModelServer;
let asked: AskableModel;

async function start(...plays: Play[]): Promise<void> {
  server = await startModelServer(...plays);
  asked = askableModel(server.baseUrl);
}

afterEach(async () => {
  await asked.close();
  await server.close();
});

/** The failure of a question. Its words must not be those of the prompt, of the callee or of the key. */
async function failure(promise: Promise<unknown>): Promise<ModelFailure> {
  const error = await promise.then(
    () => new Error('There was an answer'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ModelFailure)) throw error;
  expect(error.message).not.toMatch(/Mia|speaking|sk-test/);
  return error;
}

/** Waits for each text, until the reader has read it and waits itself. */
function nextText(): { onText: (text: string) => void; once: () => Promise<void> } {
  let texts = 0;
  let wanted = 0;
  let resolve: () => void = () => undefined;
  return {
    onText() {
      texts += 1;
      if (texts >= wanted) {
        setImmediate(() => {
          resolve();
        });
      }
    },
    async once() {
      wanted += 1;
      if (texts < wanted) await new Promise<void>((next) => (resolve = next));
    },
  };
}

test('a stall before the first byte ends after six seconds, and is not asked again', async () => {
  await start({ pieces: [], ending: 'stall' });
  const answer = failure(asked.model.reply(question()));
  await server.answered(1);
  await asked.pass(6000);
  expect((await answer).reason).toBe('stalled');
  expect(server.asked).toHaveLength(1);
});

test('a stall in the middle ends after four seconds, and is not asked again', async () => {
  await start({ pieces: [chunk({ content: 'Well, ' })], ending: 'stall' });
  const heard = nextText();
  const answer = failure(asked.model.reply(question(), heard.onText));
  await heard.once();
  await asked.pass(4000);
  expect((await answer).reason).toBe('stalled');
  expect(server.asked).toHaveLength(1);
});

test('an answer that trickles ends after ten seconds', async () => {
  await start({ pieces: [chunk({ content: 'Well, ' })], ending: 'stall' });
  const heard = nextText();
  const answer = failure(asked.model.reply(question(), heard.onText));
  for (let seconds = 0; seconds < 9; seconds += 3) {
    await heard.once();
    await asked.pass(3000);
    server.send(chunk({ content: 'and ' }));
  }
  await heard.once();
  await asked.pass(1000);
  expect((await answer).reason).toBe('stalled');
});

test('pieces without a word are read up to a limit', async () => {
  await start({ pieces: [chunk({ content: '' })], ending: 'endless' });
  expect((await failure(asked.model.reply(question()))).reason).toBe('unreadable');
});

test('an endless text is read up to its limit, and is then the answer', async () => {
  await start({ pieces: [chunk({ content: 'Well, and so on, ' })], ending: 'endless' });
  const reply = await asked.model.reply(question());
  expect(reply.text).toHaveLength(8000);
  expect(reply.usage.completionTokens).toBeGreaterThanOrEqual(2000);
});

test('endless arguments of a call are no answer', async () => {
  await start({ pieces: [calls(call(0, 'a', 'look_up', 'x'.repeat(1000)))], ending: 'endless' });
  expect((await failure(asked.model.reply(question()))).reason).toBe('unreadable');
});

test.each([
  ['an answer', 200],
  ['an error', 500],
])('%s in one piece is read up to a limit', async (_title, status) => {
  await start({
    status,
    headers: { 'content-type': 'text/plain' },
    pieces: ['x'.repeat(65_536)],
    ending: 'endless',
  });
  expect((await failure(asked.model.reply(question()))).reason).toBe('unreadable');
});

test('a connection that is cut before any word is asked again once', async () => {
  await start({ pieces: [], ending: 'cut' }, spoken('Hello.'));
  expect((await asked.model.reply(question())).text).toBe('Hello.');
  expect(server.asked).toHaveLength(2);
});

test('a connection that is cut after a word is not asked again, because the word may have been said', async () => {
  await start({ pieces: [chunk({ content: 'Well, ' })], ending: 'cut' }, spoken('Hello.'));
  const texts: string[] = [];
  const { reason } = await failure(asked.model.reply(question(), (text) => void texts.push(text)));
  expect({ reason, texts }).toEqual({ reason: 'cut_off', texts: ['Well, '] });
  expect(server.asked).toHaveLength(1);
});

test.each([
  ['a server’s error', refused(500, { error: { message: 'boom' } })],
  ['a text for an error', refused(502, '<html>Bad gateway</html>')],
  ['429 that ends within a second', refused(429, { error: { code: 'rate_limit' } }, { 'retry-after': '0' })],
  ['a call that Groq could not read', refused(400, { error: { code: 'tool_use_failed' } })],
])('%s is asked again once', async (_title, play) => {
  await start(play, spoken('Hello.'));
  expect((await asked.model.reply(question())).text).toBe('Hello.');
  expect(server.asked).toHaveLength(2);
});

test('it is asked again after the time that `Retry-After` names', async () => {
  await start(refused(429, {}, { 'retry-after': '1' }), spoken('Hello.'));
  const waits = asked.waits(1000);
  const answer = asked.model.reply(question());
  await waits;
  await asked.pass(1000);
  expect((await answer).text).toBe('Hello.');
});

test.each([
  [
    '429 that lasts',
    refused(429, { error: { code: 'rate_limit' } }, { 'retry-after': '30' }),
    'busy',
    '429 (rate_limit)',
  ],
  ['429 without a time', refused(429, {}), 'busy', '429'],
  [
    'a refused key',
    refused(401, { error: { message: 'Incorrect API key: sk-test-1234', code: 'invalid_api_key' } }),
    'refused',
    'refused the API key: HTTP 401 (invalid_api_key)',
  ],
  [
    'a prompt in the error',
    refused(400, { error: { message: 'You are Mia.', code: 'You are Mia.' } }),
    'refused',
    'HTTP 400',
  ],
  [
    'an unknown model',
    refused(404, { error: { type: 'not_found_error' } }),
    'refused',
    'knows no such model, or its address is wrong: HTTP 404 (not_found_error)',
  ],
  ['a redirect', refused(302, '', { location: 'http://127.0.0.1:1/' }), 'refused', 'HTTP 302'],
])('%s is not asked again, and its words are ours', async (_title, play, reason, words) => {
  await start(play);
  const error = await failure(asked.model.reply(question()));
  expect(error.reason).toBe(reason);
  expect(error.message).toContain(words);
  expect(server.asked).toHaveLength(1);
});

test('a server that is not there is unreachable', async () => {
  await start();
  await server.close();
  expect((await failure(asked.model.reply(question()))).reason).toBe('unreachable');
});

test('a tenant’s endpoint must not lead into the operator’s network', async () => {
  await start(spoken('Hello.'));
  await asked.close();
  asked = askableModel(server.baseUrl, { isTrusted: false });
  const error = await failure(asked.model.reply(question()));
  expect(error.message).toContain('ALLOWED_PRIVATE_TARGETS');
  expect(server.asked).toHaveLength(0);
});
