import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { INodeParameters } from 'n8n-workflow';
import { DograhApi } from '../../n8n-node/credentials/DograhApi.credentials';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { evaluateWithCredentials, n8nContext } from '../support/n8n-context';
import { selfSigned } from '../support/self-signed';

jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: () => Promise.resolve(),
}));

const path = '/api/v1/public/download/workflow/t/transcript';
const run = {
  id: 501,
  workflow_id: 12,
  name: 'WR-API-501',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05Z',
  call_type: 'outbound',
  is_completed: true,
  transcript_url: 'transcripts/501.txt',
  transcript_public_url: path,
};

let server: Server;
let baseUrl: string;

beforeEach(async () => {
  server = createServer(selfSigned, (request, response) => {
    response.end(request.url === path ? 'user: Hello' : JSON.stringify(run));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterEach(
  () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => {
        resolve();
      });
    }),
);

function getTranscript(ignoreSslIssues?: boolean) {
  const parameters: INodeParameters = { operation: 'getTranscript', runId: '501' };
  const context = n8nContext({ baseUrl, apiKey: 'dgr_s', parameters, ignoreSslIssues });
  return new Dograh().execute.call(context);
}

test('with Ignore SSL Issues a self-signed certificate is accepted, for downloads, too', async () => {
  expect(await getTranscript(true)).toMatchObject([[{ json: { transcript: 'user: Hello' } }]]);
});

test.each([false, undefined])(
  'without it (%s) the certificate is refused, and the error names it as the reason',
  async (ignoreSslIssues) => {
    await expect(getTranscript(ignoreSslIssues)).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be reached: self-signed certificate/),
      description: expect.stringMatching(/^For a certificate .* NODE_EXTRA_CA_CERTS .* Ignore SSL Issues /),
    });
  },
);

test('the credential test uses the option, too', () => {
  const { skipSslCertificateValidation } = new DograhApi().test.request;
  const credential = { baseUrl, apiKey: 'dgr_s', ignoreSslIssues: true };
  expect(evaluateWithCredentials(skipSslCertificateValidation, credential)).toBe(true);
});
