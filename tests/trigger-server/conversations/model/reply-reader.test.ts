/** What an endpoint sends is bounded before it is kept: its names go into the database, and back to the model. */
import { ReplyReader } from '../../../../trigger-server/src/conversations/model/reply-reader';

function read(...chunks: object[]) {
  const reader = new ReplyReader(() => undefined);
  for (const chunk of chunks) reader.add(JSON.stringify(chunk));
  reader.add('[DONE]');
  return reader.finished(true);
}

function calling(...calls: object[]) {
  return { choices: [{ delta: { tool_calls: calls } }] };
}

test('the names of the model and of a function, and the id of a call, are cut', () => {
  const long = 'n'.repeat(100_000);
  const reply = read({ model: long }, calling({ id: long, function: { name: long, arguments: '{}' } }));
  expect(reply.model).toHaveLength(200);
  expect([reply.calls[0]?.name, reply.calls[0]?.id]).toEqual(['n'.repeat(64), 'n'.repeat(64)]);
});

test('arguments that are given as an object count like those that are given as a text', () => {
  const given = { text: 'x'.repeat(40_000) };
  const call = (id: string) => ({ id, function: { name: 'f', arguments: given } });
  expect(read(calling(call('a'))).calls[0]?.arguments).toEqual(given);
  expect(() => read(calling(call('a'), call('b')))).toThrow('more functions than a turn may hold');
});

test('a usage without numbers is none, so that the tokens are estimated', () => {
  const answered = { choices: [{ delta: { content: 'Hi' } }] };
  expect(read(answered, { usage: {} }).usage).toBeNull();
  expect(read(answered, { usage: { prompt_tokens: 0, completion_tokens: 0 } }).usage).toBeNull();
  expect(read(answered, { usage: { prompt_tokens: 3 } }).usage).toMatchObject({ promptTokens: 3 });
});
