/** The worker that sends events, at its end. */
import { deliveries } from '../../../trigger-server/src/events/deliveries/worker';
import { readyToCall } from '../../support/agents';
import { startTestServer } from '../../support/test-server';
import { completeCall, receiversAllowed, startReceiver } from '../../support/webhooks';

test('what has become due before it stops is sent, without waiting for its next round', async () => {
  const server = await startTestServer(receiversAllowed);
  const receiver = await startReceiver();
  try {
    const { account, agent } = await readyToCall(server);
    await completeCall(server, account, agent, { callback_url: receiver.url });
    const worker = await deliveries(server.services).start();
    await worker.stop();
    expect(receiver.requests).toHaveLength(1);
  } finally {
    await receiver.close();
    await server.close();
  }
});
