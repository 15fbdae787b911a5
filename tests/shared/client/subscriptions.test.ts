import { rejectionOf } from '../../support/caught';
import { baseUrl, broken, json, scriptedClient, text } from '../../support/scripted-client';

const hook = {
  id: 9,
  target_url: 'https://example.com/ended',
  events: ['call.completed'],
  workflow_uuid: null,
  created_at: '2026-08-22T03:04:05Z',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};

describe('subscribing to calls', () => {
  test('sends the event and the address, and returns the id and the secret', async () => {
    const { client, requests } = scriptedClient([json(200, hook)]);
    expect(await client.subscribeToCalls({ targetUrl: hook.target_url })).toEqual(hook);
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: `${baseUrl}/api/v1/hooks`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ target_url: hook.target_url, event: 'call.completed' }),
      },
    ]);
  });

  test('sends other event types if requested', async () => {
    const { client, requests } = scriptedClient([json(200, hook)]);
    await client.subscribeToCalls({
      targetUrl: hook.target_url,
      events: ['call.completed', 'call.artifacts_ready'],
    });
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
      event: ['call.completed', 'call.artifacts_ready'],
    });
  });

  test('sends the agent if there is one', async () => {
    const { client, requests } = scriptedClient([json(200, hook)]);
    await client.subscribeToCalls({ targetUrl: hook.target_url, agentUuid: 'u' });
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({ workflow_uuid: 'u' });
  });

  test.each([broken('ECONNRESET'), text(502, '<html>'), json(503, { detail: 'x' })])(
    'is not repeated, because it could subscribe twice',
    async (answer) => {
      const { client, requests } = scriptedClient([answer]);
      await rejectionOf(client.subscribeToCalls({ targetUrl: hook.target_url }));
      expect(requests).toHaveLength(1);
    },
  );

  test('fails with not_found on a server without hooks', async () => {
    const { client } = scriptedClient([json(404, { detail: 'Not Found' })]);
    const failure = await rejectionOf(client.subscribeToCalls({ targetUrl: hook.target_url }));
    expect(failure.code).toBe('not_found');
  });
});

describe('unsubscribing', () => {
  test.each([json(200, { success: true }), text(204, ''), json(404, { detail: 'Hook not found' })])(
    'succeeds when the subscription no longer exists',
    async (answer) => {
      const { client, calls } = scriptedClient([answer]);
      await client.unsubscribeFromCalls(9);
      expect(calls()).toEqual(['DELETE /hooks/9']);
    },
  );

  test('throws any other error of the server', async () => {
    const { client } = scriptedClient([json(401, { detail: 'Invalid API key' })]);
    expect((await rejectionOf(client.unsubscribeFromCalls(9))).code).toBe('invalid_key');
  });

  test('refuses an invalid id', async () => {
    const { client, requests } = scriptedClient([]);
    expect((await rejectionOf(client.unsubscribeFromCalls(NaN))).code).toBe('invalid_input');
    expect(requests).toEqual([]);
  });
});
