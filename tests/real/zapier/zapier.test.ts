/**
 * The app with Zapier's own command line, and in the package that it builds, against the real server. `npm run
 * test:zapier`
 */
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TriggerClient } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { definitionWith } from '../../support/agents';
import { backdate } from '../../support/backdate';
import { startStandIn } from '../../support/dograh-stand-in';
import { startDroppingProxy } from '../../support/dropping-proxy';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { appFolder, CommandLine, leftovers, type Connection } from './command-line';
import { installZapier, type ZapierInstallation } from './install';

const apiKey = `dgr_${'zap-'.repeat(10)}key`;
const maximumZipBytes = 1_000_000;

let installation: ZapierInstallation;
let commandLine: CommandLine;
let folder: string;

beforeAll(() => {
  installation = installZapier();
  commandLine = new CommandLine(installation);
  folder = mkdtempSync(join(tmpdir(), 'zapier-suite-'));
}, 900_000);

afterAll(() => {
  for (const path of [...leftovers, folder]) rmSync(path, { recursive: true, force: true });
});

test('the command line has the same version as the app’s platform', async () => {
  const { stdout, stderr } = await commandLine.run(['--version']);
  expect(stdout + stderr).toContain('CLI version: 19.1.0');
  expect(stdout + stderr).toContain('Node.js version: v22.');
});

test('validation finds nothing', async () => {
  const { code, stdout } = await commandLine.run(['validate', '--without-style', '--format', 'json']);
  expect({ code, errors: JSON.parse(stdout) as unknown }).toEqual({ code: 0, errors: [] });
});

describe('the built package', () => {
  let unpacked: string;
  let zip: string;

  beforeAll(async () => {
    const { code, stdout, stderr } = await commandLine.run(['build', '--skip-validation']);
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
    zip = join(appFolder, 'build/build.zip');
    unpacked = join(folder, 'unpacked');
    const unzip = JSON.stringify(join(installation.modules, 'adm-zip'));
    await commandLine.runScript(
      `new (require(${unzip}))(${JSON.stringify(zip)}).extractAllTo(${JSON.stringify(unpacked)})`,
    );
  }, 300_000);

  /** Sends one event to the package, in a separate process with Node 22. */
  async function handle(event: object): Promise<unknown> {
    const wrapper = JSON.stringify(join(unpacked, 'zapierwrapper.js'));
    const printed = await commandLine.runScript(`
      require(${wrapper}).handler(${JSON.stringify({ ...event, calledFromCli: true })})
        .then(({ results }) => console.log(JSON.stringify(results)))
        .catch(({ name, message }) => console.log(JSON.stringify({ name, message })));`);
    return JSON.parse(printed);
  }

  test('is smaller than a megabyte, and has the files that the platform loads', () => {
    expect(statSync(zip).size).toBeLessThan(maximumZipBytes);
    for (const name of ['zapierwrapper.js', 'index.js', 'package.json', 'definition.json', 'dist/index.js']) {
      expect(statSync(join(unpacked, name)).isFile()).toBe(true);
    }
  });

  test('source.zip can be built alone', async () => {
    const alone = join(folder, 'alone');
    const unzip = JSON.stringify(join(installation.modules, 'adm-zip'));
    const source = JSON.stringify(join(appFolder, 'build/source.zip'));
    await commandLine.runScript(`new (require(${unzip}))(${source}).extractAllTo(${JSON.stringify(alone)})`);
    const options: ExecFileSyncOptions = { cwd: alone, stdio: ['ignore', 'ignore', 'pipe'] };
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], options);
    execFileSync('npm', ['run', '_zapier-build'], options);
    const validated = await commandLine.runScript(`
      const { createAppHandler } = require(${JSON.stringify(join(alone, 'node_modules/zapier-platform-core'))});
      createAppHandler(require(${JSON.stringify(alone)}))({ command: 'validate', calledFromCli: true })
        .then(({ results }) => console.log(JSON.stringify(results)));`);
    expect(JSON.parse(validated)).toEqual([]);
  }, 300_000);

  test('holds the definition of this version', () => {
    const definition = JSON.parse(readFileSync(join(unpacked, 'definition.json'), 'utf8')) as {
      version: string;
      platformVersion: string;
      creates: object;
    };
    const { version } = JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(definition).toMatchObject({ version, platformVersion: '19.1.0' });
    expect(Object.keys(definition.creates)).toEqual([
      'start_call',
      'start_call_and_wait',
      'cancel_call',
      'add_to_do_not_call',
      'create_campaign',
      'start_campaign',
      'pause_campaign',
    ]);
  });

  test('runs, and finds no error in itself', async () => {
    expect(await handle({ command: 'validate' })).toEqual([]);
  });

  // Zapier ends a step after 30 seconds, and so does this test end. A limit on the headers and another on the body
  // would add up to 45.
  test('ends a stalled dial before Zapier’s timeout for the step, and dials once', async () => {
    const stalled = await startStandIn({
      extensions: ['idempotency-key'],
      trigger: (response) =>
        void sleep(20_000).then(() => {
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
          response.write('{');
        }),
    });
    const failure = await handle({
      command: 'execute',
      method: 'creates.start_call.operation.perform',
      bundle: {
        authData: { base_url: stalled.url, api_key: apiKey },
        inputData: { agent: 'workflow/support', environment: 'production', phone_number: '+14155550100' },
        meta: { isLoadingSample: false },
      },
    });
    await stalled.close();
    // Zapier would replay an Error. This one is halted.
    expect(failure).toMatchObject({
      name: 'HaltedError',
      message: expect.stringContaining('The call may have been placed') as string,
    });
    expect(stalled.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
  }, 40_000);
});

describe.each([
  ['with our extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
])('invoked on a server %s', (_, mode: Record<string, string>) => {
  const isPlain = 'EXTENSIONS' in mode;
  let server: ServerProcess;
  let client: TriggerClient;
  let connection: Connection;
  let agentId: number;
  let agent: string;
  let databaseFile: string;

  beforeAll(async () => {
    databaseFile = join(folder, `${isPlain ? 'plain' : 'whole'}.db`);
    server = await startServerProcess({
      DATABASE_URL: `file:${databaseFile}`,
      BOOTSTRAP_API_KEY: apiKey,
      SANDBOX_STEP_MS: '20',
      ...mode,
    });
    connection = { baseUrl: server.baseUrl, apiKey };
    client = new TriggerClient(axiosTransport({ apiKey }), { baseUrl: server.baseUrl, sleep });
    const reply = await fetch(`${server.baseUrl}/api/v1/workflow/create/definition`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'Appointment Reminder',
        workflow_definition: definitionWith({ greeting: 'Hello {{first_name | there}}.' }),
      }),
    });
    agentId = ((await reply.json()) as { id: number }).id;
    agent = `workflow/${(await client.getAgent(agentId)).uuid ?? ''}`;
  });

  afterAll(() => server.stop());

  function invoke(what: string, input?: object, ...flags: string[]): Promise<unknown> {
    return commandLine.invoke([...what.split(' '), ...flags], connection, input);
  }

  function callTo(phoneNumber: string, changes: object = {}) {
    return { agent, environment: 'production', phone_number: phoneNumber, ...changes };
  }

  async function dials(calledNumber: string): Promise<number> {
    return (await client.listCalls({ calledNumber })).total_count;
  }

  test('the connection is tested and labelled', async () => {
    const { host } = new URL(server.baseUrl);
    expect(await invoke('auth test')).toMatchObject({ host, user_id: expect.any(Number) as number });
    expect(await invoke('auth label')).toMatch(new RegExp(`@\\S+ on ${host}$`));
  });

  test('an invalid key is refused with an explanation', async () => {
    const wrong = { ...connection, apiKey: 'dgr_wrong' };
    await expect(commandLine.invoke(['auth', 'test'], wrong)).rejects.toThrow(/Check that the API\s+key/);
  });

  test('Start Call places a call, and Find Call finds it by its ID and by its number', async () => {
    const input = callTo('+1 (415) 555-0101', { variablefirst_005fname: 'Jane' });
    const started = (await invoke('create start_call', input)) as { id: number };
    expect(started).toMatchObject({
      agent_id: agentId,
      agent_name: 'Appointment Reminder',
      status: 'initiated',
    });
    const run = await client.waitForRun(started.id, { timeoutSeconds: 20, pollIntervalSeconds: 0.1 });
    expect(JSON.stringify(run.logs)).toContain('Hello Jane.');

    const found = { id: started.id, status: 'completed', phone_number: '+14155550101' };
    expect(await invoke('search find_call', { run: String(started.id) })).toMatchObject([found]);
    expect(await invoke('search find_call', { phone_number: '+14155550101', agent })).toMatchObject([found]);
    expect(await invoke('search find_call', { run: '999999' })).toEqual([]);
  }, 60_000);

  test('a step whose reply is always lost, and that Zapier replays five times, dials once and names the time of the call', async () => {
    const proxy = await startDroppingProxy(server.baseUrl);
    proxy.losses = Array.from({ length: 6 }, () => 'reply lost' as const);
    const lost = { ...connection, baseUrl: proxy.url };
    const input = callTo('+14155550102');
    for (let run = 0; run <= 5; run += 1) {
      await expect(commandLine.invoke(['create', 'start_call'], lost, input)).rejects.toThrow(
        /(may\W+have\W+been|was)\W+placed/,
      );
    }
    await proxy.close();
    await expect(invoke('create start_call', input)).rejects.toThrow(/same\W+call\W+was\W+placed\W+before/);
    expect(await dials('+14155550102')).toBe(1);
  }, 120_000);

  test('a daily Zap calls every day, even half an hour early', async () => {
    const input = callTo('+14155550105');
    for (let day = 1; day <= 3; day += 1) {
      expect(await invoke('create start_call', input)).toMatchObject({ status: 'initiated' });
      expect(await dials('+14155550105')).toBe(day);
      backdate(databaseFile, 23 * 60 + 30);
    }
    // Older than one day, so the triggers do not return it.
    backdate(databaseFile, 60);
  }, 120_000);

  test('Start Call and Wait dials only on a server with callbacks', async () => {
    const input = callTo('+14155550103');
    if (isPlain) {
      await expect(invoke('create start_call_and_wait', input)).rejects.toThrow(/nothing\s+was\s+dialled/);
      expect(await dials('+14155550103')).toBe(0);
      return;
    }
    expect(await invoke('create start_call_and_wait', input, '--isLoadingSample')).toMatchObject({
      status: 'completed',
      agent_name: 'Appointment Reminder',
    });
    expect(await dials('+14155550103')).toBe(0);
    expect(await invoke('create start_call_and_wait', input)).toMatchObject({ status: 'initiated' });
    expect(await dials('+14155550103')).toBe(1);
  }, 60_000);

  test('an invalid number, such as from a spreadsheet, is refused with the reason', async () => {
    await expect(invoke('create start_call', callTo('1.41555501E+10'))).rejects.toThrow(/Phone\s+Number:/);
  });

  test('Find Agent returns an agent for Start Call', async () => {
    expect(await invoke('search find_agent', { name: 'reminder' })).toMatchObject([
      { id: agent, agent_id: agentId },
    ]);
  });

  test('a campaign is created of line items, started once and followed to its end', async () => {
    const contacts = ['+14155550106', '+14155550107'].map((number) => ({ phone_number: number }));
    const input = { name: 'Reminders', agent, contacts: [...contacts, { phone_number: '12' }] };
    const created = (await invoke('create create_campaign', input)) as { id: number };
    expect(created).toMatchObject({ state: 'created', contacts: 2, skipped: [{ row: 3 }] });
    expect(await invoke('create create_campaign', input)).toMatchObject({
      id: created.id,
      already_created: true,
    });
    const campaign = { campaign: String(created.id) };
    expect(await invoke('create start_campaign', campaign)).toMatchObject({ is_changed: true });
    expect(await invoke('create start_campaign', campaign)).toMatchObject({ is_changed: false });
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await client.getCampaign(created.id)).state === 'completed') break;
      await sleep(100);
    }
    expect(await invoke('search find_campaign', campaign)).toMatchObject([
      { state: 'completed', processed_contacts: 2, progress_percentage: 100 },
    ]);
    expect(await Promise.all(contacts.map(({ phone_number: number }) => dials(number)))).toEqual([1, 1]);
    expect(await invoke('create pause_campaign', campaign)).toMatchObject({ is_changed: false });
    const choice = { id: String(created.id), name: `Reminders (number ${String(created.id)}, completed)` };
    expect(await invoke('trigger list_campaigns')).toContainEqual(choice);
  }, 120_000);

  test('Call Completed (Any Server) returns the ended calls', async () => {
    const { runId } = await client.triggerCall({
      target: { agentUuid: agent.replace('workflow/', '') },
      environment: 'production',
      phoneNumber: '+14155550104',
    });
    await client.waitForRun(runId, { timeoutSeconds: 20, pollIntervalSeconds: 0.1 });
    const calls = await invoke('trigger call_completed_polling', { agent }, '--isLoadingSample');
    expect(calls).toContainEqual(
      expect.objectContaining({ id: runId, is_completed: true, status: 'completed', direction: 'outbound' }),
    );
    // Zapier keeps the first version of a record, so a poll returns a call only when its recording exists.
    expect(await invoke('trigger call_completed_polling', {}, '--isPopulatingDedupe')).toEqual([]);
  }, 60_000);

  // The command line runs neither the list nor the subscription of an instant trigger, and posts nothing.
  test('Call Completed without a post returns nothing, without an error', async () => {
    expect(await invoke('trigger call_completed')).toEqual([]);
  });

  test('the dropdowns are filled', async () => {
    expect(await invoke('trigger list_agents')).toContainEqual({ id: agent, name: 'Appointment Reminder' });
    const configurations = (await invoke('trigger list_telephony_configurations')) as { id: string }[];
    expect(configurations).toMatchObject([{ name: 'Sandbox' }]);
    const chosen = { telephony_configuration_id: configurations[0]?.id };
    expect(await invoke('trigger list_phone_numbers', chosen)).toEqual([]);
  }, 60_000);
});
