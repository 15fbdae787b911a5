/** A server that runs out of file descriptors refuses requests, and works again once some are free. */
import { once } from 'node:events';
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { acceptDials, startCallingProcess, type CallingProcess } from '../calling-process';

let server: CallingProcess;
afterEach(() => server.close());

/** The address of a recording that the sandbox has made. */
async function makeRecording(): Promise<string> {
  const workflow = '/workflow/1';
  await server.send('PUT', workflow, { workflow_configurations: { recording_enabled: true } });
  await server.send('POST', `${workflow}/publish`);
  const { text } = await server.trigger({ telephony_configuration_id: 1 });
  const { workflow_run_id: id } = JSON.parse(text) as { workflow_run_id: number };
  for (;;) {
    const run = JSON.parse((await server.send('GET', `${workflow}/runs/${String(id)}`)).text) as {
      artifacts_ready: boolean;
      recording_public_url: string;
    };
    if (run.artifacts_ready) return new URL(run.recording_public_url, server.baseUrl).href;
  }
}

interface Answer {
  status: number;
  retryAfter: string | undefined;
  text: string;
}

/** Asks over a connection that is open already. */
async function ask(url: string, method: string, agent: Agent, body = ''): Promise<Answer> {
  const headers = body === '' ? {} : { 'X-API-Key': server.apiKey, 'Content-Type': 'application/json' };
  const sent = request(url, { method, agent, headers }).end(body);
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks = (await reply.toArray()) as Buffer[];
  const text = Buffer.concat(chunks).toString('latin1');
  return { status: reply.statusCode ?? 0, retryAfter: reply.headers['retry-after'], text };
}

/** Opens connections until the server has no descriptor left. */
async function takeDescriptors(): Promise<Socket[]> {
  const { hostname, port } = new URL(server.baseUrl);
  const sockets = Array.from({ length: 200 }, () => connect(Number(port), hostname));
  const refused = new Promise((resolve) => {
    for (const socket of sockets)
      socket
        .on('error', () => undefined)
        .once('close', resolve)
        .resume();
  });
  await refused;
  return sockets;
}

test('a server without free descriptors answers 503 with Retry-After and dials nobody; afterwards calls work', async () => {
  const accept = acceptDials();
  const acceptOverNewConnections = (response: ServerResponse) => {
    response.setHeader('Connection', 'close');
    accept(response);
  };
  server = await startCallingProcess(acceptOverNewConnections, {
    limits: { openFiles: 60 },
    environment: { SANDBOX_STEP_MS: '10' },
  });
  const url = await makeRecording();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await ask(url, 'GET', agent)).status).toBe(200);
  const call = JSON.stringify({ phone_number: '+14155550100' });
  const sockets: Socket[] = [];
  const refusals: Record<'file' | 'call', Answer[]> = { file: [], call: [] };
  // Now and then an idle connection closes, and a file or a connection can be opened once more.
  while (refusals.file.length < 10 || refusals.call.length < 10) {
    sockets.push(...(await takeDescriptors()));
    expect((await ask(url, 'HEAD', agent)).status).toBe(200);
    const answers = {
      file: await ask(url, 'GET', agent),
      call: await ask(`${server.baseUrl}/api/v1${server.triggerPath}`, 'POST', agent, call),
    };
    for (const [kind, answer] of Object.entries(answers)) {
      if (answer.status !== 200) refusals[kind as keyof typeof refusals].push(answer);
    }
  }
  for (const { status, retryAfter, text } of refusals.file) {
    expect([status, retryAfter]).toEqual([503, '5']);
    expect(text).toContain('as many files and connections open as its system allows');
  }
  for (const { status, retryAfter, text } of refusals.call) {
    expect([status, retryAfter]).toEqual([400, '10']);
    expect(text).toContain('nobody was called');
  }
  for (const socket of sockets) socket.destroy();
  agent.destroy();
  // The server closes its connections once it notices that the clients have closed theirs.
  while ((await fetch(url)).status !== 200);
  expect((await server.trigger()).status).toBe(200);
});
