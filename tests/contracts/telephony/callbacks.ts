/** What holds for a carrier's callbacks: only the carrier's own, about this call, have an effect. */
import { createAgent } from '../../support/agents';
import type { ReceivedRequest } from '../../support/local-server';
import type { VendorCallback } from '../../support/vendors/vendor';
import type { ProviderUnderTest, Stage } from './stage';

export function callbackGuarantees(provider: ProviderUnderTest, stage: Stage): void {
  const { configure, place, run, send } = stage;

  const statusOf = (dial: ReceivedRequest): VendorCallback => {
    const callback = stage.vendor.callback(dial, 'completed');
    if (callback === null) throw new Error('The vendor reports no end of a call');
    return callback;
  };
  const expectUntouched = async (runId: number) => {
    expect(await run(runId)).toMatchObject({ status: 'initiated', is_completed: false });
  };

  test('a callback with a forged token is a 401 without effect', async () => {
    const { runId, dial } = await place();
    const callback = statusOf(dial);
    const forged = callback.url.replace(/[^/?]+(?=$|\?)/, 'A'.repeat(43));
    expect(forged).not.toBe(callback.url);
    expect((await send({ ...callback, url: forged })).status).toBe(401);
    await expectUntouched(runId);
  });

  test('a callback made for one run is a 401 at another organization’s, and at another of its own', async () => {
    const other = await stage.server.signUp();
    await configure(other);
    const theirs = await place(other, await createAgent(stage.server, other));
    const first = await place();
    const second = await place();
    const foreign = statusOf(first.dial);
    const abroad = foreign.url.replace(`/${String(first.runId)}/`, `/${String(theirs.runId)}/`);
    expect((await send({ ...foreign, url: abroad })).status).toBe(401);
    expect(await run(theirs.runId, other)).toMatchObject({ status: 'initiated', is_completed: false });
    const callback = statusOf(first.dial);
    const stolen = callback.url.replace(`/${String(first.runId)}/`, `/${String(second.runId)}/`);
    expect(stolen).not.toBe(callback.url);
    expect((await send({ ...callback, url: stolen })).status).toBe(401);
    await expectUntouched(first.runId);
    await expectUntouched(second.runId);
  });

  test('a callback made for one purpose is a 401 at another', async () => {
    const { runId, dial } = await place();
    const callback = statusOf(dial);
    const other = callback.url.replace(/\/callbacks\/(\w+)\/\w+\//, '/callbacks/$1/announcement/');
    expect((await send({ ...callback, url: other })).status).toBe(401);
    await expectUntouched(runId);
  });

  if (provider.signs.status) {
    test('a report without the carrier’s signature, or with another’s, is a 401 without effect', async () => {
      const { runId, dial } = await place();
      const callback = statusOf(dial);
      const { 'content-type': type = 'application/json' } = callback.headers;
      expect((await send({ ...callback, headers: { 'content-type': type } })).status).toBe(401);
      for (const [name, value] of Object.entries(callback.headers)) {
        if (name === 'content-type' || /nonce|timestamp/i.test(name)) continue;
        const flipped = value.slice(0, -6) + value.slice(-3) + value.slice(-6, -3);
        const headers = { ...callback.headers, [name]: flipped === value ? `x${value}` : flipped };
        expect((await send({ ...callback, headers })).status).toBe(401);
      }
      await expectUntouched(runId);
    });
  }

  if (provider.asksForNoAnswer !== true) answerGuarantees(provider, stage);
}

function answerGuarantees(provider: ProviderUnderTest, stage: Stage): void {
  const { place, run, send, deliver } = stage;

  const answerRequestOf = (dial: ReceivedRequest): VendorCallback => {
    const request = stage.vendor.answerRequest(dial);
    if (request === null) throw new Error('The vendor asks for no answer document');
    return request;
  };

  test('the answer document speaks the rendered greeting, escaped as data; after two requests the log of the run has it once', async () => {
    const { runId, dial } = await place();
    const request = answerRequestOf(dial);
    await send(request);
    const reply = await send(request);
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('Hi Jane');
    expect(reply.text).not.toContain('<Dial>');
    const logs = (await run(runId)).logs as { realtime_feedback_events: { payload: { text: string } }[] };
    expect(logs.realtime_feedback_events.map(({ payload }) => payload.text)).toEqual([
      'Hi Jane </Say><Dial>+1',
    ]);
  });

  test('a callee who answers after the end of the run hears nothing', async () => {
    const { dial } = await place();
    await deliver(dial, 'no-answer');
    const reply = await send(answerRequestOf(dial));
    expect(reply.status).toBe(200);
    expect(reply.text).not.toContain('Hi Jane');
  });

  if (!provider.signs.answer) {
    test('an unsigned request for the answer document cannot change the state of the run', async () => {
      const { runId, dial } = await place();
      const asked = answerRequestOf(dial);
      const honest = await send(asked);
      const before = await run(runId);
      for (const event of ['completed', 'busy', 'failed'] as const) {
        const { body, headers } = stage.vendor.callback(dial, event) ?? {};
        const forged = { ...asked, method: 'POST' as const, headers: headers ?? {}, body };
        expect((await send(forged)).text).toBe(honest.text);
      }
      expect(before).toMatchObject({ status: 'answered' });
      expect(await run(runId)).toEqual(before);
    });
  }

  if (provider.signs.answer) {
    test('a request for the answer document without the carrier’s signature is a 401', async () => {
      const { dial } = await place();
      const request = answerRequestOf(dial);
      const { 'content-type': type = 'application/json' } = request.headers;
      expect((await send({ ...request, headers: { 'content-type': type } })).status).toBe(401);
    });
  }
}
