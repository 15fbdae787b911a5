/** A server that runs out of descriptors: callers lose connections and files, and it goes on when it has some again. */
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
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

/** Asks over one connection that stays open. */
async function ask(url: string, method: string, agent: Agent): Promise<number | 'broken'> {
  const sent = request(url, { method, agent }).end();
  try {
    const [reply] = (await once(sent, 'response')) as [IncomingMessage];
    await reply.resume().toArray();
    return reply.statusCode ?? 0;
  } catch {
    return 'broken';
  }
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

test('with its descriptors taken again and again it does not end, and afterwards all works', async () => {
  server = await startCallingProcess(acceptDials(), {
    limits: { openFiles: 60 },
    environment: { SANDBOX_STEP_MS: '10' },
  });
  const url = await makeRecording();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(url, 'GET', agent)).toBe(200);
  const sockets: Socket[] = [];
  const answers: (number | 'broken')[] = [];
  // Now and then an idle connection closes, and a file can be opened once more.
  while (answers.filter((answer) => answer !== 200).length < 10) {
    sockets.push(...(await takeDescriptors()));
    expect(await ask(url, 'HEAD', agent)).toBe(200);
    answers.push(await ask(url, 'GET', agent));
  }
  for (const socket of sockets) socket.destroy();
  agent.destroy();
  // Its connections close when it has heard of it.
  while ((await fetch(url)).status !== 200);
  expect((await server.trigger()).status).toBe(200);
});
