/**
 * The contract of the n8n node and the Zapier app, with their own code and real HTTP, on any server that implements
 * the trigger API. It places three calls, one after the other.
 */
import { randomUUID } from 'node:crypto';
import { TriggerClient, type Run } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { DograhPollingTrigger } from '../../n8n-node/nodes/DograhPollingTrigger/DograhPollingTrigger.node';
import { testConnection } from '../../zapier-app/src/authentication';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { findCallStep } from '../../zapier-app/src/searches/find-call';
import { recentCallsStep } from '../../zapier-app/src/triggers/call-completed-polling';
import { n8nContext } from '../support/n8n-context';
import { pollContext } from '../support/n8n-trigger-contexts';
import { appTester, failureOf, makeBundle, runStep } from '../support/zapier';
import type { ServerUnderTest } from './http-api';

const nobody = '00000000-0000-4000-8000-000000000000';
const unknownId = 2_147_483_647;
const unknownKey = `dgr_${'x'.repeat(43)}`;

/** @param callSeconds maximum duration of a call, from the trigger to its result. */
export function packagesContract(
  serverName: string,
  make: () => Promise<ServerUnderTest>,
  callSeconds = 60,
): void {
  describe(`n8n node and Zapier app: ${serverName}`, () => {
    const testMilliseconds = (callSeconds + 60) * 1000;
    let server: ServerUnderTest;
    let client: TriggerClient;
    beforeAll(async () => {
      server = await make();
      client = new TriggerClient(axiosTransport({ apiKey: server.apiKey }), {
        baseUrl: server.baseUrl,
        sleep,
      });
    });

    /** The run, read directly from the server. */
    async function runOf(id: unknown): Promise<Run> {
      const base = server.baseUrl.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
      const reply = await fetch(`${base}/api/v1/workflow/0/runs/${String(id)}`, {
        headers: { 'X-API-Key': server.apiKey },
      });
      return (await reply.json()) as Run;
    }

    function ended(id: number): Promise<Run> {
      return client.waitForRun(id, { timeoutSeconds: callSeconds, pollIntervalSeconds: 1 });
    }

    /** Runs the n8n node for one item, in a new execution. */
    async function runNode(parameters: INodeParameters, apiKey = server.apiKey): Promise<IDataObject> {
      const { baseUrl, phoneNumber } = server;
      const context = n8nContext({
        baseUrl,
        apiKey,
        executionId: randomUUID(),
        parameters: { phoneNumber, specifyVariables: 'json', jsonVariables: '{}', ...parameters },
      });
      const [[item] = []] = await new Dograh().execute.call(context);
      return item?.json ?? {};
    }

    /** The bundle of a step of another Zap. */
    function bundle(inputData: Record<string, unknown>, apiKey = server.apiKey) {
      const made = makeBundle(server.baseUrl, inputData, { zapId: randomUUID() });
      return { ...made, authData: { base_url: server.baseUrl, api_key: apiKey } };
    }

    test(
      'n8n: Place returns the run as soon as the server has accepted the call',
      async () => {
        const placed = await runNode({
          operation: 'place',
          agent: { __rl: true, mode: 'id', value: server.triggerUuid },
        });
        const run = await runOf(placed.run_id);
        expect(run.initial_context).toMatchObject({ called_number: server.phoneNumber });
        expect(placed).toMatchObject({
          run_id: run.id,
          run_name: run.name,
          status: 'initiated',
          phone_number: server.phoneNumber,
          already_placed: false,
        });
        await ended(run.id);
      },
      testMilliseconds,
    );

    test(
      'n8n: Place and Wait returns the result of the call, and both polling triggers fire for it, once',
      async () => {
        const staticData: IDataObject = {};
        const poll = async () => {
          const { baseUrl, apiKey } = server;
          const nodeType = new DograhPollingTrigger();
          const output = await nodeType.poll.call(pollContext({ baseUrl, apiKey, nodeType, staticData }));
          return (output?.[0] ?? []).map(({ json }) => json);
        };
        await poll();
        const shown = await runNode({
          operation: 'placeAndWait',
          agent: { __rl: true, mode: 'agentUuid', value: server.agentUuid },
          jsonVariables: '{"first_name":"Jane"}',
          options: { maxWaitSeconds: callSeconds, pollIntervalSeconds: 1 },
        });
        const run = await runOf(shown.run_id);
        expect(shown).toMatchObject({ already_placed: false, agent_id: run.workflow_id, run_name: run.name });
        expect(shown).toMatchObject({ ...outcomeOf(run), context: { first_name: 'Jane' } });

        const isThisRun = ({ run_id: id }: IDataObject) => id === run.id;
        expect((await poll()).filter(isThisRun)).toMatchObject([outcomeOf(run)]);
        expect((await poll()).filter(isThisRun)).toEqual([]);

        const polled = await minutesLater(3, () => runStep(recentCallsStep, bundle({})));
        expect(polled.filter(({ id }) => Number(id) === run.id)).toMatchObject([outcomeOf(run)]);
      },
      testMilliseconds,
    );

    test(
      'Zapier: Start Call returns the run, and Find Call its result, by run id and by number',
      async () => {
        const started = await runStep(
          startCallStep,
          bundle({
            agent: server.agentUuid,
            environment: 'production',
            phone_number: server.phoneNumber,
            initial_context_json: '{"first_name":"Jane"}',
          }),
        );
        const { name } = await runOf(started.id);
        expect(started).toMatchObject({
          id: expect.any(Number) as number,
          name,
          agent: `workflow/${server.agentUuid}`,
          agent_name: expect.any(String) as string,
          environment: 'production',
          phone_number: server.phoneNumber,
          status: 'initiated',
        });
        await ended(started.id);

        // Recordings are stored after the end, so the result matches the run as read before or after it.
        const before = await runOf(started.id);
        const [found] = await runStep(findCallStep, bundle({ run: started.id }));
        const after = await runOf(started.id);
        expect(found).toMatchObject({ ...outcomeOf(after), name, is_completed: true });
        expect([before, after].map((run) => linksOf(run, server.baseUrl))).toContainEqual({
          recording_url: found!.recording_url,
          transcript_url: found!.transcript_url,
        });
        expect(found!.transcript === null).toBe(found!.transcript_url === null);

        const [last] = await runStep(findCallStep, bundle({ phone_number: server.phoneNumber }));
        expect(last).toMatchObject({ id: started.id, ...outcomeOf(after) });
      },
      testMilliseconds,
    );

    test.each([
      [
        'a key that it does not know',
        { key: unknownKey },
        401,
        /^Invalid (?:or expired )?API key\. Check that the API key/,
        'ExpiredAuthError',
      ],
      [
        'an agent that it does not have',
        { agent: nobody },
        404,
        /^Workflow not found\. Check the agent/,
        'AppError',
      ],
      [
        'a telephony configuration that it does not have',
        { telephonyConfiguration: unknownId },
        404,
        /^Telephony configuration not found\. Check the telephony configuration/,
        'AppError',
      ],
      [
        'a caller ID that it does not have',
        { callerId: unknownId },
        400,
        /^from_phone_number_not_found\. Check the telephony configuration, the caller ID/,
        'AppError',
      ],
    ])(
      '%s is refused with the server’s message, and nobody is called',
      async (_what, wrong: Wrong, status, words, zapierClass) => {
        const { key = server.apiKey, agent = server.agentUuid, telephonyConfiguration, callerId } = wrong;
        const calls = () => client.listCalls({ calledNumber: server.phoneNumber });
        const { total_count: before } = await calls();

        const node = runNode(
          {
            operation: 'place',
            agent: { __rl: true, mode: 'agentUuid', value: agent },
            options: {
              ...(telephonyConfiguration && {
                telephonyConfiguration: { __rl: true, mode: 'id', value: String(telephonyConfiguration) },
              }),
              ...(callerId && { callerId: { __rl: true, mode: 'id', value: String(callerId) } }),
            },
          },
          key,
        );
        await expect(node).rejects.toMatchObject({
          name: 'NodeApiError',
          httpCode: String(status),
          message: expect.stringMatching(words) as string,
        });
        const input = {
          agent: `workflow/${agent}`,
          environment: 'production',
          phone_number: server.phoneNumber,
          telephony_configuration_id: telephonyConfiguration,
          from_phone_number_id: callerId,
          if_placed_before: 'call_again',
        };
        const failure = await failureOf(runStep(startCallStep, bundle(input, key)));
        expect(failure).toMatchObject({ name: zapierClass, message: expect.stringMatching(words) as string });

        expect((await calls()).total_count).toBe(before);
      },
    );

    test('Zapier: an unknown run is no match and no error', async () => {
      expect(await runStep(findCallStep, bundle({ run: unknownId }))).toEqual([]);
    });

    test('Zapier: the label of the connection has the owner of the key and the address', async () => {
      const { email, host, label } = await appTester(testConnection, bundle({}));
      expect(host).toBe(new URL(server.baseUrl).host);
      expect(label).toBe(email === null ? host : `${email} on ${host}`);
    });
  });
}

/** A request with an object that the server does not have. */
interface Wrong {
  key?: string;
  agent?: string;
  telephonyConfiguration?: number;
  callerId?: number;
}

/** The values of an ended call that both packages return. */
function outcomeOf({ mode, gathered_context: gathered, usage_info: usage, initial_context: context }: Run) {
  return {
    status: expect.stringMatching(/^(completed|busy|no-answer|canceled|failed|error)$/) as string,
    disposition: gathered?.mapped_call_disposition ?? null,
    duration_seconds: usage?.call_duration_seconds ?? null,
    phone_number: context?.called_number,
    mode,
  };
}

/** Dograh returns links to missing files, too; only a file with a storage key exists. */
function linksOf(run: Run, baseUrl: string): object {
  const link = (key: unknown, url: string | null | undefined) =>
    key && url ? new URL(url, baseUrl).href : null;
  return {
    recording_url: link(run.recording_url, run.recording_public_url),
    transcript_url: link(run.transcript_url, run.transcript_public_url),
  };
}

/** Zapier polls as long as a Zap is on, and the files of a call exist some minutes after its end. */
async function minutesLater<Result>(minutes: number, work: () => Promise<Result>): Promise<Result> {
  jest.useFakeTimers({ now: Date.now() + minutes * 60_000, doNotFake: allButTheDate });
  try {
    return await work();
  } finally {
    jest.useRealTimers();
  }
}

const allButTheDate = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];
