/**
 * The contract of every provider, tested through the whole server: requests over HTTP, a loopback vendor as the
 * carrier, and the vendor's reports. Each provider has a short test file with its vendor.
 */
import { endOverdueRuns } from '../../trigger-server/src/calls/watchdog';
import { findProvider } from '../../trigger-server/src/carriers/registry';
import { createAgent, definitionWith, publish, saveDraft, type TestAgent } from '../support/agents';
import { readRun } from '../support/calls';
import type { ReceivedRequest } from '../support/local-server';
import { configurationsPath } from '../support/telephony';
import { startTestServer, type Account, type TestServer } from '../support/test-server';
import type { CallEvent, DialPlay, Vendor, VendorCallback } from '../support/vendors/vendor';
import { unsupportedAnswers, usualAnswerOf } from './telephony/answers';
import { callbackGuarantees } from './telephony/callbacks';
import { cancellation } from './telephony/cancellation';
import { lostReports } from './telephony/lost-reports';
import { calledNumber, endings, type ProviderUnderTest, type Stage } from './telephony/stage';

export const publicBaseUrl = 'https://calls.example.test';
const callerNumber = '+14155550123';

const unknownOutcomes: DialPlay[] = ['server-error', 'garbage', 'reset', 'hang', 'late'];
/** The plays in which the vendor takes the call, so that it lists it. */
const takenUnheard: DialPlay[] = ['garbage', 'late'];

export function telephonyProviderContract(provider: ProviderUnderTest): void {
  describe(`provider: ${provider.name}`, () => {
    let vendor: Vendor;
    let server: TestServer;
    let account: Account;
    let agent: TestAgent;
    let configurationId: number;

    beforeEach(async () => {
      vendor = await provider.startVendor();
      server = await startTestServer({
        PUBLIC_BASE_URL: publicBaseUrl,
        SIGNUP_ENABLED: 'true',
        ...provider.environment(vendor),
      });
      account = await server.signUp();
      agent = await createAgent(
        server,
        account,
        definitionWith({ greeting: 'Hi {{user.name}} </Say><Dial>+1' }),
        { answer: usualAnswerOf(provider) },
      );
      configurationId = await configure(account);
    });
    afterEach(async () => {
      await server.close();
      await vendor.close();
    });

    async function configure(owner: Account): Promise<number> {
      const created = await server.request
        .post(configurationsPath)
        .set('X-API-Key', owner.apiKey)
        .send({ name: 'Carrier', config: { provider: provider.name, ...provider.configuration(vendor) } })
        .expect(200);
      const { id } = created.body as { id: number };
      await server.request
        .post(`${configurationsPath}/${String(id)}/phone-numbers`)
        .set('X-API-Key', owner.apiKey)
        .send({ address: callerNumber })
        .expect(200);
      await provider.ready?.(server, vendor);
      return id;
    }

    function trigger(key?: string, owner = account, target = agent) {
      const request = server.request
        .post(`/api/v1/public/agent/${target.triggerPath}`)
        .set('X-API-Key', owner.apiKey);
      if (key !== undefined) void request.set('Idempotency-Key', key);
      return request.send({ phone_number: calledNumber, initial_context: { user: { name: 'Jane' } } });
    }

    async function place(owner = account, target = agent): Promise<{ runId: number; dial: ReceivedRequest }> {
      const reply = await trigger(undefined, owner, target);
      expect(reply.body).toMatchObject({ status: 'initiated' });
      return { runId: (reply.body as { workflow_run_id: number }).workflow_run_id, dial: lastDial() };
    }

    function lastDial(): ReceivedRequest {
      const dial = vendor.dials.at(-1);
      if (dial === undefined) throw new Error('The vendor was not dialled');
      return dial;
    }

    const run = (runId: number, owner = account) => readRun(server, owner, runId);

    function send({ method, url, headers, body }: VendorCallback) {
      expect(url.startsWith(publicBaseUrl)).toBe(true);
      const path = url.slice(publicBaseUrl.length);
      const request = method === 'GET' ? server.request.get(path) : server.request.post(path);
      return body === undefined ? request.set(headers) : request.set(headers).send(body);
    }

    /** @returns whether the vendor reports such an event. */
    async function deliver(dial: ReceivedRequest, event: CallEvent): Promise<boolean> {
      if (provider.deliver !== undefined) {
        await provider.deliver(server, vendor, dial, event);
        return true;
      }
      const callback = vendor.callback(dial, event);
      if (callback === null) return false;
      expect((await send(callback)).status).toBe(200);
      return true;
    }

    async function unfinished(): Promise<number> {
      const { rows } = await server.services.storage.read.run(
        server.services.storage.read.builder
          .selectFrom('runs')
          .select('id')
          .where('completed_at', 'is', null)
          .compile(),
      );
      return rows.length;
    }

    const stage: Stage = {
      get vendor() {
        return vendor;
      },
      get server() {
        return server;
      },
      get account() {
        return account;
      },
      get agent() {
        return agent;
      },
      ...{ configure, trigger, place, lastDial, run, unfinished, send, deliver },
    };
    describe('POST /organizations/telephony-configs/{config_id}/verify', () => {
      const path = () => `${configurationsPath}/${String(configurationId)}`;
      const verify = async () =>
        (await server.request.post(`${path()}/verify`).set('X-API-Key', account.apiKey).expect(200))
          .body as object;
      const lastVerification = async () =>
        (await server.request.get(path()).set('X-API-Key', account.apiKey).expect(200)).body
          .last_verification as unknown;
      const listedVerification = async () => {
        const reply = await server.request
          .get(configurationsPath)
          .set('X-API-Key', account.apiKey)
          .expect(200);
        const { configurations } = reply.body as { configurations: Record<string, unknown>[] };
        return configurations.find(({ id }) => id === configurationId)?.last_verification;
      };
      /** What is known of settings that were just saved. */
      const onSave = () => (findProvider(provider.name)?.asksOnSave ? accepted() : null);
      const accepted = () => ({
        verified_at: server.clock.now().toISOString(),
        ok: true,
        detail: expect.stringMatching(/accepts these settings/) as unknown,
        field: null,
      });
      const change = (changes: object) =>
        server.request.put(path()).set('X-API-Key', account.apiKey).send(changes).expect(200);

      test('the carrier accepts the settings, without a dial; the answer is kept until they change', async () => {
        expect(await lastVerification()).toEqual(onSave());
        const answer = await verify();
        expect(answer).toEqual(accepted());
        expect(vendor.dials).toHaveLength(0);
        await change({ name: 'Renamed' });
        expect(await lastVerification()).toEqual(answer);
        expect(await listedVerification()).toEqual(answer);
        await change({ config: { provider: provider.name, ...provider.configuration(vendor) } });
        expect(await lastVerification()).toEqual(onSave());
        expect(await listedVerification()).toEqual(onSave());
      });

      test('a carrier that cannot be reached says nothing about the settings', async () => {
        await vendor.close();
        expect(await verify()).toMatchObject({ ok: null, field: null });
        expect(JSON.stringify(await lastVerification())).not.toContain('SECRET');
      });
    });

    test('a call is dialled once, from the configured number, with our ids only in the callback URLs', async () => {
      const { runId, dial } = await place();
      expect(vendor.dials).toHaveLength(1);
      const said = `${dial.url}\n${dial.body.toString('utf8')}`;
      expect(said).not.toMatch(/workflow|organization/i);
      expect(await run(runId)).toMatchObject({
        mode: provider.name,
        status: 'initiated',
        is_completed: false,
        initial_context: { caller_number: callerNumber, called_number: calledNumber },
      });
    });

    test('a dial that the carrier refuses is a 400 with the carrier’s message, and its run has ended', async () => {
      vendor.play('refuse');
      const reply = await trigger('key-1').expect(400);
      expect(reply.body).toEqual({
        code: 'call_refused',
        detail: expect.stringMatching(/^Failed to initiate call: \S.+/) as unknown,
      });
      expect(reply.headers).not.toHaveProperty('retry-after');
      expect(JSON.stringify(reply.body)).not.toContain(vendor.origin);
      expect(await unfinished()).toBe(0);
      expect((await trigger('key-1').expect(400)).headers['idempotency-replayed']).toBe('true');
      expect(vendor.dials).toHaveLength(1);
    });

    test('a busy carrier is a 400 with Retry-After: nobody was called, and the same key dials later', async () => {
      vendor.play('rate-limit');
      const reply = await trigger('key-1').expect(400);
      expect(reply.body).toEqual({
        code: 'carrier_busy',
        detail: expect.stringMatching(/^Failed to initiate call: \S.+/) as unknown,
      });
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
      expect(JSON.stringify(reply.body)).not.toContain(vendor.origin);
      expect(await unfinished()).toBe(0);
      expect((await trigger('key-1').expect(200)).headers).not.toHaveProperty('idempotency-replayed');
      expect(vendor.dials).toHaveLength(2);
    });

    test('an unreachable carrier is a 400 with Retry-After: nobody was called, and the run has ended as not placed', async () => {
      await vendor.close();
      const reply = await trigger('key-1').expect(400);
      expect(reply.body).toMatchObject({ code: 'carrier_unreachable' });
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
      expect(JSON.stringify(reply.body)).not.toContain(vendor.origin);
      expect(await unfinished()).toBe(0);
      expect((await trigger('key-1').expect(400)).headers).not.toHaveProperty('idempotency-replayed');
    });

    if (provider.handsOverTo !== undefined) {
      test.each(takenUnheard)(
        'a dial that meets "%s" is found in the vendor’s list of calls, and answered as placed',
        async (play) => {
          vendor.play(play);
          const sent = trigger('key-1').expect(200).then();
          if (play === 'late') {
            const answerLate = await vendor.held();
            await server.stopWaitingForReplies();
            answerLate();
          }
          await sent;
          expect(vendor.dials).toHaveLength(1);
        },
      );
    }

    test.each(
      unknownOutcomes.filter((play) => provider.handsOverTo === undefined || !takenUnheard.includes(play)),
    )(
      'a dial that meets "%s" has an unknown outcome: 504, never dialled again, settled by the next report',
      async (play) => {
        vendor.play(play);
        const sent = trigger('key-1').expect(504).then();
        if (play === 'hang' || play === 'late') {
          const answerLate = await vendor.held();
          await server.stopWaitingForReplies();
          answerLate();
        }
        const reply = await sent;
        expect(reply.body).toEqual({
          code: 'outcome_unknown',
          detail: 'The carrier did not answer in time; the call may have been placed',
        });
        const runId = Number(/\/runs\/(\d+)$/.exec(String(reply.headers.location))?.[1]);
        expect(await run(runId)).toMatchObject({
          is_completed: false,
          gathered_context: { dial_outcome: 'unknown' },
        });
        expect((await trigger('key-1').expect(504)).headers['idempotency-replayed']).toBe('true');
        expect(vendor.dials).toHaveLength(1);
        expect(JSON.stringify(reply.body) + server.logLines.join()).not.toContain('internal error at');

        expect(await deliver(lastDial(), 'no-answer')).toBe(true);
        expect(await run(runId)).toMatchObject({ status: 'no-answer', is_completed: true });
        expect(await unfinished()).toBe(0);
      },
    );

    test('ringing, answered, completed: the run follows, and ends with a disposition and its duration', async () => {
      const { runId, dial } = await place();
      if (await deliver(dial, 'ringing')) expect((await run(runId)).status).toBe('ringing');
      expect(await deliver(dial, 'answered')).toBe(true);
      expect((await run(runId)).status).toBe('answered');
      await server.advance(12_000);
      expect(await deliver(dial, 'completed')).toBe(true);
      const ended = await run(runId);
      expect(ended).toMatchObject({ status: 'completed', is_completed: true });
      expect(ended.gathered_context?.call_disposition).toMatch(/^\w+$/);
      expect(ended.usage_info?.call_duration_seconds).toBeGreaterThan(0);
      expect(await unfinished()).toBe(0);
    });

    if (provider.playsSound !== true && provider.handsOverTo === undefined) {
      test('the caller ID is a variable of the greeting, even if the greeting is sent with the dial', async () => {
        const speaking = await createAgent(
          server,
          account,
          definitionWith({ greeting: 'A call from {{caller_number}}', triggerPath: 'speaking' }),
        );
        const { dial } = await place(account, speaking);
        await deliver(dial, 'answered');
        const answerRequest = provider.asksForNoAnswer === true ? null : vendor.answerRequest(dial);
        const document = answerRequest === null ? '' : (await send(answerRequest)).text;
        const received = [...vendor.dials, ...vendor.requests].map(({ body }) => body.toString('utf8'));
        expect([...received, document].join('\n')).toContain(`A call from ${callerNumber}`);
      });
    }

    test.each(endings)('%s ends the run as %s, and its slot is free', async (event, status) => {
      const { runId, dial } = await place();
      expect(await deliver(dial, event)).toBe(true);
      expect(await run(runId)).toMatchObject({
        status,
        is_completed: true,
        gathered_context: { call_tags: ['not_connected', `telephony_${String(status)}`] },
      });
      expect(await unfinished()).toBe(0);
    });

    test('late, duplicate or unordered reports do not change the end of a run', async () => {
      const { runId, dial } = await place();
      await deliver(dial, 'no-answer');
      const { logs: _first, ...ended } = await run(runId);
      for (const event of ['no-answer', 'completed', 'answered', 'ringing', 'busy'] as const) {
        await deliver(dial, event);
        const { logs: _later, ...now } = await run(runId);
        expect(now).toEqual(ended);
      }
    });

    test('a call whose carrier stops reporting is ended after the maximum time, and its slot is free', async () => {
      const { runId } = await place();
      // A call that another server holds is followed for an hour while that server says that it goes on.
      await server.advance((provider.handsOverTo === undefined ? 30 + 300 + 61 : 60 * 60 + 1) * 1000);
      await endOverdueRuns(server.services);
      const ended = await run(runId);
      expect(ended.is_completed).toBe(true);
      expect(['error', 'failed', 'completed', 'canceled']).toContain(ended.status);
      expect(await unfinished()).toBe(0);
      expect(vendor.dials).toHaveLength(1);
    });

    if (findProvider(provider.name)?.questionsPerSecond !== undefined) lostReports(provider, stage);

    cancellation(provider, stage);

    unsupportedAnswers(provider, stage);

    if (findProvider(provider.name)?.openRecording === undefined) {
      test('an agent with recordings can call, and its run does not wait for a recording', async () => {
        await saveDraft(server, account, agent, {
          workflow_configurations: { answer: usualAnswerOf(provider), recording_enabled: true },
        });
        await publish(server, account, agent);
        const { runId, dial } = await place();
        await deliver(dial, 'answered');
        await server.advance(12_000);
        await deliver(dial, 'completed');
        expect(await run(runId)).toMatchObject({ status: 'completed', artifacts_ready: true });
      });
    }

    test('credentials are in no log line and no reply, and not in plain text in the database', async () => {
      const { dial } = await place();
      vendor.play('refuse');
      const refusal = await trigger();
      await deliver(dial, 'completed');
      const shown = await server.request
        .get(`${configurationsPath}/${String(configurationId)}`)
        .set('X-API-Key', account.apiKey)
        .expect(200);
      const stored = await server.storedText();
      for (const text of [JSON.stringify(shown.body), refusal.text, server.logLines.join('\n'), stored]) {
        expect(text).not.toContain('SECRET');
        expect(text).not.toContain('BEGIN PRIVATE KEY');
      }
    });

    if (provider.deliver === undefined) callbackGuarantees(provider, stage);
  });
}
