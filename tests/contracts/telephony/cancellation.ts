/** What holds for the cancellation of a call. */
import { findProvider } from '../../../trigger-server/src/carriers/registry';
import type { ProviderUnderTest, Stage } from './stage';

export function cancellation(provider: ProviderUnderTest, stage: Stage): void {
  const { place, run, deliver } = stage;

  if (findProvider(provider.name)?.cancel === undefined) {
    test('a call cannot be canceled: 501, and it goes on', async () => {
      const { runId } = await place();
      await stage.server.request
        .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
        .set('X-API-Key', stage.account.apiKey)
        .expect(501);
      expect((await run(runId)).is_completed).toBe(false);
    });
  } else {
    test('canceling a ringing call ends it at the carrier, and its run ends', async () => {
      const { runId, dial } = await place();
      await deliver(dial, 'ringing');
      const asked = stage.vendor.requests.length;
      await stage.server.request
        .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
        .set('X-API-Key', stage.account.apiKey)
        .expect(202);
      expect(stage.vendor.requests.length).toBeGreaterThan(asked);
      if (!(await deliver(dial, 'canceled'))) await deliver(dial, 'completed');
      expect(await run(runId)).toMatchObject({
        is_completed: true,
        gathered_context: { call_disposition: 'canceled' },
      });
      expect(stage.vendor.dials).toHaveLength(1);
    });
  }
}
