/** The recordings of erased calls: our file, and the carrier's copy. */
import type { ServerResponse } from 'node:http';
import { deleteDue } from '../../../trigger-server/src/artifacts/removal/worker';
import { callbackUrl } from '../../../trigger-server/src/calls/carrier/callback-urls';
import { findProvider, providerNames } from '../../../trigger-server/src/carriers/registry';
import { recordingOf } from '../../../trigger-server/src/carriers/providers/telnyx/requests';
import { findRun } from '../../../trigger-server/src/runs/runs';
import { readRun, startCall } from '../../support/calls';
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { startLocalServer, type LocalServer, type ReceivedRequest } from '../../support/local-server';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { vendorHost } from '../../support/vendors/host';
import { plivoCredentials } from '../../support/vendors/plivo';
import { telnyxSettings } from '../../support/vendors/telnyx';
import { accountSid, authToken } from '../../support/vendors/twilio';
import { vobizCredentials } from '../../support/vendors/vobiz';
import {
  credentials,
  deliver,
  publicBaseUrl,
  recordingCallback,
  recordingPath,
  sendWav,
  startRecordingCarrier,
  statusCallback,
  useCarrier,
  type RecordingCarrier,
} from '../artifacts/carrier';
import { agentWith } from '../artifacts/support';
import { applyRetention, countRows, day, keep } from './support';

describe('the request of each carrier', () => {
  let vendor: LocalServer;
  let status: number;
  beforeEach(async () => {
    status = 204;
    vendor = await startLocalServer((request, response) => {
      if (request.method !== 'GET') response.writeHead(status).end();
      else if (status === 404 && !request.url.startsWith('/v2/')) response.writeHead(404).end();
      else response.end(JSON.stringify(replyTo(request.url)));
    });
  });

  /** What a vendor says of a recording and of a call. One of the list is of another call, and must not be deleted. */
  function replyTo(url: string): object {
    if (/\/Recordings?\/(?:RE1\.json|a-1\/)$/.test(url)) return { call_sid: 'CA1', call_uuid: 'u-1' };
    const ids = [
      ['RE0', 'CA1', 'u-1'],
      ['RE1', 'CA1', 'u-1'],
      ['RE9', 'CA9', 'u-9'],
    ];
    const listed = ids.map(([sid, call_sid, call_uuid]) => ({
      sid,
      call_sid,
      call_uuid,
      recording_id: sid?.replace('RE', 'a-'),
    }));
    return { recordings: listed, objects: listed, data: [{ id: 'r1' }, { id: 'r2' }] };
  }
  afterEach(() => vendor.close());

  const copies: Record<string, { settings: Record<string, unknown>; url: string; deleted: string[] }> = {
    twilio: {
      settings: { account_sid: accountSid, auth_token: authToken },
      url: `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Recordings/RE1`,
      deleted: ['RE0', 'RE1'].map((id) => `/2010-04-01/Accounts/${accountSid}/Recordings/${id}.json`),
    },
    plivo: {
      settings: plivoCredentials,
      url: 'https://media.plivo.com/v1/Account/MA1/Recording/a-1.mp3',
      deleted: ['a-0', 'a-1'].map((id) => `/v1/Account/${plivoCredentials.auth_id}/Recording/${id}/`),
    },
    vobiz: {
      settings: vobizCredentials,
      url: 'https://media.vobiz.ai/v1/Account/MA_1/Recording/a-1.wav',
      deleted: ['a-0', 'a-1'].map((id) => `/api/v1/Account/${vobizCredentials.auth_id}/Recording/${id}/`),
    },
    telnyx: {
      settings: telnyxSettings,
      url: recordingOf('leg-1').url,
      deleted: ['/v2/recordings/r1', '/v2/recordings/r2'],
    },
  };

  async function deleteCopy(name: string, url: string): Promise<void> {
    const host = vendorHost(name, { origin: vendor.url });
    try {
      const provider = findProvider(name);
      const configuration = provider?.configuration.parse(copies[name]?.settings);
      await provider?.deleteRecording?.(configuration ?? {}, { url }, host);
    } finally {
      await host.close();
    }
  }

  const deletions = () => vendor.requests.filter(({ method }) => method === 'DELETE');

  test('these carriers can delete a recording, and no other', () => {
    const able = providerNames.filter((name) =>
      Object.keys(findProvider(name) ?? {}).includes('deleteRecording'),
    );
    expect(able.sort()).toEqual(Object.keys(copies).sort());
  });

  test.each(Object.entries(copies))(
    '%s: those of the call by the documented requests, the named one last, with its credentials',
    async (name, copy) => {
      await deleteCopy(name, copy.url);
      expect(deletions().map(({ url }) => url)).toEqual(copy.deleted);
      for (const { headers } of deletions()) {
        expect(headers).toMatchObject(
          name === 'vobiz'
            ? { 'x-auth-id': vobizCredentials.auth_id }
            : { authorization: expect.any(String) as string },
        );
      }
    },
  );

  test.each(Object.entries(copies))(
    '%s: one that is gone counts as deleted, a refusal does not',
    async (name, copy) => {
      status = 404;
      await deleteCopy(name, copy.url);
      status = 500;
      await expect(deleteCopy(name, copy.url)).rejects.toThrow('HTTP 500');
    },
  );

  test.each(Object.entries(copies))('%s: an address without a recording gets no request', async (name) => {
    await expect(deleteCopy(name, 'https://evil.example/x')).rejects.toThrow();
    expect(vendor.requests).toEqual([]);
  });
});

describe('the removal of a recorded call', () => {
  let carrier: RecordingCarrier;
  let server: TestServer;
  let account: Account;
  beforeEach(async () => {
    carrier = await startRecordingCarrier();
    server = await startTestServer({ TWILIO_API_BASE_URL: carrier.url, PUBLIC_BASE_URL: publicBaseUrl });
    account = await server.signUp();
    await useCarrier(server, account);
  });
  afterEach(async () => {
    await server.close();
    await carrier.close();
  });

  async function endedCall(isRecorded = true): Promise<number> {
    const agent = await agentWith(server, account, { recording_enabled: isRecorded });
    const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
    for (const word of ['in-progress', 'completed'] as const) {
      expect(await deliver(server, statusCallback(carrier.lastDial(), word))).toBe(200);
    }
    return runId;
  }

  const announce = () =>
    deliver(server, recordingCallback(carrier.lastDial(), `https://api.twilio.com${recordingPath}`));

  const eraseRun = (runId: number) =>
    server.request
      .delete(`/api/v1/workflow/0/runs/${String(runId)}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);

  const fileOf = (runId: number) => server.services.artifacts.find(`recordings/${String(runId)}.wav`);
  const deletions = () => carrier.requests.filter(({ method }) => method === 'DELETE');

  test('deletes the file, and the copy of the carrier', async () => {
    const runId = await endedCall();
    await announce();
    await fetchDueRecordings(server.services);
    expect(await fileOf(runId)).not.toBeNull();
    await eraseRun(runId);
    await deleteDue(server.services);
    expect(await fileOf(runId)).toBeNull();
    expect(deletions()).toMatchObject([
      { url: `${recordingPath}.json`, headers: { authorization: credentials } },
    ]);
    expect(await countRows(server, 'unwanted_recordings')).toBe(0);
  });

  test('retention deletes the copy of the carrier with the call', async () => {
    const runId = await endedCall();
    await announce();
    await fetchDueRecordings(server.services);
    await keep(server, account, { artifacts_days: 1, runs_days: 10 });
    await server.advance(2 * day);
    await applyRetention(server);
    await deleteDue(server.services);
    expect(await fileOf(runId)).toBeNull();
    expect(deletions()).toEqual([]);
    await server.advance(9 * day);
    await applyRetention(server);
    await deleteDue(server.services);
    expect(await findRun(server.services.storage.read, runId)).toBeUndefined();
    expect(deletions()).toMatchObject([{ url: `${recordingPath}.json` }]);
  });

  test('deletes the copy of a recording whose fetch was given up', async () => {
    const runId = await endedCall();
    await announce();
    carrier.serve = (_request, response) => response.writeHead(503).end();
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await fetchDueRecordings(server.services);
      await server.advance(15 * 60_000);
    }
    expect(await countRows(server, 'awaited_recordings')).toBe(0);
    carrier.serve = (_request, response) => response.writeHead(204).end();
    await eraseRun(runId);
    await deleteDue(server.services);
    expect(deletions()).toMatchObject([{ url: `${recordingPath}.json` }]);
  });

  test('deletes a recording that nobody requested', async () => {
    const runId = await endedCall(false);
    const configurationId = (await findRun(server.services.storage.read, runId))!.telephony_configuration_id;
    const target = {
      provider: 'twilio',
      configurationId,
      runId,
      attempt: 1,
      purpose: 'recording' as const,
      turn: 0,
    };
    const dial = new URLSearchParams({ RecordingStatusCallback: callbackUrl(server.services, target) });
    expect(await deliver(server, recordingCallback(dial, `https://api.twilio.com${recordingPath}`))).toBe(
      200,
    );
    await fetchDueRecordings(server.services);
    expect(carrier.requests).toEqual([]);
    await eraseRun(runId);
    await deleteDue(server.services);
    expect(deletions()).toMatchObject([{ url: `${recordingPath}.json` }]);
  });

  test('asks a carrier that fails again, in longer pauses, and at last says so in the log', async () => {
    const runId = await endedCall();
    await announce();
    await fetchDueRecordings(server.services);
    await eraseRun(runId);
    carrier.serve = (_request, response) => response.writeHead(500).end();
    const attempts = () => carrier.requests.filter(({ url }) => url === `${recordingPath}.json`);
    await deleteDue(server.services);
    await deleteDue(server.services);
    expect(attempts()).toHaveLength(1);
    await server.advance(60_000);
    await deleteDue(server.services);
    expect(attempts()).toHaveLength(2);
    for (let attempt = 3; attempt <= 20; attempt += 1) {
      await server.advance(6 * 60 * 60_000);
      await deleteDue(server.services);
    }
    expect(attempts()).toHaveLength(20);
    expect(await countRows(server, 'unwanted_recordings')).toBe(0);
    expect(server.logLines.at(-1)).toContain('delete it there by hand');
  });

  test('deletes a recording that the carrier reports only afterwards', async () => {
    const runId = await endedCall();
    await eraseRun(runId);
    await announce();
    await fetchDueRecordings(server.services);
    await deleteDue(server.services);
    expect(await readRun(server, account, runId)).toMatchObject({ recording_url: null });
    expect(carrier.requests.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  });

  test('leaves no file of a recording that is being fetched meanwhile', async () => {
    const runId = await endedCall();
    await announce();
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      carrier.serve = (request: ReceivedRequest, response: ServerResponse) => {
        answer = () => {
          sendWav(request, response);
        };
        resolve();
      };
    });
    const fetching = fetchDueRecordings(server.services);
    await asked;
    await eraseRun(runId);
    answer();
    await fetching;
    expect(await readRun(server, account, runId)).toMatchObject({ recording_url: null });
    carrier.serve = (_request, response) => response.writeHead(204).end();
    await server.advance(11 * 60_000);
    await deleteDue(server.services);
    expect(await fileOf(runId)).toBeNull();
    expect(deletions()).toHaveLength(1);
  });
});
