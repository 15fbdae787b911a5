/** What holds if callbacks of a carrier are lost: it is asked about its calls. */
import type { Run } from '@dograh-trigger/shared';
import { findProvider } from '../../../trigger-server/src/carriers/registry';
import { askByHand } from '../../support/ask-carriers';
import type { CallEvent } from '../../support/vendors/vendor';
import { endings, type ProviderUnderTest, type Stage } from './stage';

export function lostReports(provider: ProviderUnderTest, stage: Stage): void {
  const { trigger, place, lastDial, run, deliver } = stage;

  const eventsOf = async (runId: number) => {
    const { read } = stage.server.services.storage;
    const { rows } = await read.run(
      read.builder.selectFrom('webhook_deliveries').select('id').where('run_id', '=', runId).compile(),
    );
    return rows.length;
  };
  const placeWithCallback = async () => {
    const reply = await trigger().send({ callback_url: 'https://93.184.216.34/ended' }).expect(200);
    return { runId: (reply.body as { workflow_run_id: number }).workflow_run_id, dial: lastDial() };
  };

  test.each([['completed', 'completed'], ...(provider.saysOnlyThatItEnded === true ? [] : endings)] as [
    CallEvent,
    Run['status'],
  ][])(
    'a call that ends as %s without a word is over within 90 s, once, with one event',
    async (event, status) => {
      const pass = await askByHand(stage.server);
      const { runId, dial } = await placeWithCallback();
      if (event === 'completed') await deliver(dial, 'answered');
      await pass(20);
      stage.vendor.callback(dial, event);
      await pass(90);
      expect(await run(runId)).toMatchObject({ status, is_completed: true });
      await deliver(dial, event);
      expect(await eventsOf(runId)).toBe(1);
      expect(stage.vendor.dials).toHaveLength(1);
    },
  );

  test('a call that was not answered, and ends without a word, does not end as completed', async () => {
    const pass = await askByHand(stage.server);
    const { runId, dial } = await place();
    stage.vendor.callback(dial, 'busy');
    await pass(90);
    const { status, is_completed } = await run(runId);
    expect(is_completed).toBe(true);
    expect(status).not.toBe('completed');
  });

  if (findProvider(provider.name)?.listUnderWay !== undefined) {
    test('many calls that talk are asked about by a list, and the one that has ended by itself', async () => {
      const pass = await askByHand(stage.server);
      const calls = [];
      for (let count = 0; count < 8; count += 1) {
        const placed = await place();
        await deliver(placed.dial, 'answered');
        calls.push(placed);
      }
      const asked = stage.vendor.requests.length;
      await pass(65);
      expect(stage.vendor.requests.length - asked).toBeGreaterThan(0);
      expect(stage.vendor.requests.length - asked).toBeLessThanOrEqual(3);
      const [first] = calls;
      if (first === undefined) throw new Error('No call was placed');
      stage.vendor.callback(first.dial, 'completed');
      await pass(90);
      for (const { runId } of calls) expect((await run(runId)).is_completed).toBe(runId === first.runId);
    });
  }

  if (findProvider(provider.name)?.findCall !== undefined && provider.saysOnlyThatItEnded !== true) {
    test('the call of a dial without a reply is found by its numbers, and ends as at its carrier', async () => {
      const pass = await askByHand(stage.server);
      stage.vendor.play('reset');
      const reply = await trigger().expect(504);
      const runId = Number(/\/runs\/(\d+)$/.exec(String(reply.headers.location))?.[1]);
      stage.vendor.callback(lastDial(), 'busy');
      await pass(90);
      expect(await run(runId)).toMatchObject({ status: 'busy', is_completed: true });
      expect(stage.vendor.dials).toHaveLength(1);
    });
  }
}
