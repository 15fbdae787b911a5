/** A recording carrier on the loopback: it accepts dials as Twilio does. The test decides how it serves recordings. */
import type { ServerResponse } from 'node:http';
import { configurationsPath } from '../../support/telephony';
import { startLocalServer, type ReceivedRequest } from '../../support/local-server';
import type { Account, TestServer } from '../../support/test-server';
import { accountSid, authToken, twilioCallback } from '../../support/vendors/twilio';
import type { VendorCallback } from '../../support/vendors/vendor';

export const publicBaseUrl = 'https://calls.example.test';
export const recordingPath = `/2010-04-01/Accounts/${accountSid}/Recordings/RE0001`;
export const credentials = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
const callSid = `CA${'1'.repeat(32)}`;

/** Half a second of silence: RIFF, one channel, 16 bits. */
export const wav = Buffer.concat([Buffer.from('RIFF\x64\x1f\0\0WAVEfmt ', 'latin1'), Buffer.alloc(8000)]);

export interface RecordingCarrier {
  url: string;
  /** Requests for recordings, in order. */
  requests: ReceivedRequest[];
  /** How it answers them; by default with the WAV. */
  serve: (request: ReceivedRequest, response: ServerResponse) => void;
  /** The fields of the last dial. */
  lastDial(): URLSearchParams;
  close(): Promise<void>;
}

export function sendWav(_request: ReceivedRequest, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'audio/x-wav' }).end(wav);
}

export async function startRecordingCarrier(): Promise<RecordingCarrier> {
  const requests: ReceivedRequest[] = [];
  let dial = new URLSearchParams();
  const server = await startLocalServer((request, response) => {
    if (request.method === 'POST' && request.url.endsWith('/Calls.json')) {
      dial = new URLSearchParams(request.body.toString('utf8'));
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ sid: callSid }));
    } else if (request.url.includes('/Recordings/')) {
      requests.push(request);
      carrier.serve(request, response);
    } else {
      // The checks of the account and of its phone numbers.
      const body = { incoming_phone_numbers: [{ phone_number: '+14155550123' }] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
  });
  const carrier: RecordingCarrier = {
    url: server.url,
    requests,
    serve: sendWav,
    lastDial: () => dial,
    close: () => server.close(),
  };
  return carrier;
}

/** Configures the carrier as the account's telephony. */
export async function useCarrier(server: Pick<TestServer, 'request'>, account: Account): Promise<number> {
  const created = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({
      name: 'Carrier',
      is_default_outbound: true,
      config: { provider: 'twilio', account_sid: accountSid, auth_token: authToken },
    })
    .expect(200);
  const { id } = created.body as { id: number };
  await server.request
    .post(`${configurationsPath}/${id}/phone-numbers`)
    .set('X-API-Key', account.apiKey)
    .send({ address: '+14155550123' })
    .expect(200);
  return id;
}

/** A signed status callback for the dialled call. */
export function statusCallback(dial: URLSearchParams, word: 'in-progress' | 'completed'): VendorCallback {
  return twilioCallback(dial.get('StatusCallback') ?? '', {
    CallSid: callSid,
    CallStatus: word,
    ...(word === 'completed' ? { CallDuration: '12' } : {}),
  });
}

/** A signed callback with the address of the recording of the dialled call. */
export function recordingCallback(dial: URLSearchParams, url: string): VendorCallback {
  return twilioCallback(dial.get('RecordingStatusCallback') ?? '', {
    CallSid: callSid,
    RecordingSid: 'RE0001',
    RecordingStatus: 'completed',
    RecordingUrl: url,
    RecordingDuration: '1',
  });
}

/** Delivers a callback to the server, which knows itself by its public address. */
export async function deliver(
  server: Pick<TestServer, 'request'>,
  callback: VendorCallback,
): Promise<number> {
  const reply = await server.request
    .post(callback.url.slice(publicBaseUrl.length))
    .set(callback.headers)
    .send(callback.body ?? '');
  return reply.status;
}
