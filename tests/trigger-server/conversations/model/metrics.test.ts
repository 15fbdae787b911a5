/** What `/metrics` shows of language models. */
import { modelFor } from '../../../../trigger-server/src/conversations/model/model-for';
import { question } from '../../../support/model/asked';
import { startModelServer } from '../../../support/model/server';
import { refused, spoken } from '../../../support/model/streams';
import { startTestServer } from '../../../support/test-server';

test('requests, tokens and first words are counted by kind, without a name of a tenant', async () => {
  const endpoint = await startModelServer(spoken('Hello.'), refused(401, {}));
  const server = await startTestServer({ LLM_BASE_URL: endpoint.baseUrl, LLM_MODEL: 'secret-model' });
  const chosen = await modelFor(server.services, 1);
  await chosen?.model.reply(question());
  await expect(chosen?.model.reply(question({ streamed: false }))).rejects.toThrow('refused the API key');
  const lines = (await server.services.metrics.registry.metrics()).split('\n');
  const of = (name: string) => lines.filter((line) => line.startsWith(`dograh_trigger_model_${name}`));
  expect(of('requests_total')).toEqual([
    'dograh_trigger_model_requests_total{kind="compatible",purpose="turn",outcome="answered"} 1',
    'dograh_trigger_model_requests_total{kind="compatible",purpose="extraction",outcome="refused"} 1',
  ]);
  expect(of('tokens_total')).toEqual([
    'dograh_trigger_model_tokens_total{kind="compatible",direction="prompt"} 11',
    'dograh_trigger_model_tokens_total{kind="compatible",direction="completion"} 7',
  ]);
  expect(of('first_words_seconds_count')).toEqual([
    'dograh_trigger_model_first_words_seconds_count{kind="compatible"} 1',
  ]);
  expect(lines.filter((line) => line.includes('secret-model'))).toEqual([]);
  await server.close();
  await endpoint.close();
});
