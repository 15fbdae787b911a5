/** A second server of this project, as a process, in the place of a Dograh: with its extensions off it answers as Dograh does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { createAgent, definitionWith, type TestAgent } from './agents';
import { freeTcpPort } from './free-port';
import { startServerProcess, type ServerProcess } from './server-process';

export interface BundledDograh {
  /** Of its demo organization. */
  key: string;
  databaseFile: string;
  baseUrl(): string;
  request(): ReturnType<typeof request>;
  /** Starts the process that was stopped, at the same address. */
  start(stepMilliseconds: number): Promise<void>;
  /** Ends the process without a word. */
  kill(): Promise<void>;
  /** An agent that talks. */
  addAgent(): Promise<TestAgent>;
  /** How many calls it has placed. */
  calls(): Promise<number>;
  /** Ends the process, and removes its files. */
  close(): Promise<void>;
}

const key = `dgr_${'b'.repeat(43)}`;

/** @param extensions as `EXTENSIONS`; empty: it is plain. */
export async function startBundledDograh(extensions = ''): Promise<BundledDograh> {
  const folder = mkdtempSync(join(tmpdir(), 'dograh-'));
  const port = await freeTcpPort();
  const databaseFile = join(folder, 'dograh.db');
  let running: ServerProcess;

  async function start(stepMilliseconds: number): Promise<void> {
    running = await startServerProcess({
      PORT: String(port),
      EXTENSIONS: extensions,
      DATABASE_URL: `file:${databaseFile}`,
      ARTIFACTS_DIR: join(folder, 'artifacts'),
      BOOTSTRAP_API_KEY: key,
      SANDBOX_STEP_MS: String(stepMilliseconds),
    });
  }
  const kill = async () => {
    await running.stop('SIGKILL');
  };
  await start(100);
  return {
    key,
    databaseFile,
    baseUrl: () => running.baseUrl,
    request: () => request(running.baseUrl),
    start,
    kill,
    addAgent: () =>
      createAgent(
        { request: request(running.baseUrl) },
        { apiKey: key },
        definitionWith({ greeting: 'Hello {{user.name}}' }),
      ),
    async calls() {
      const list = await request(running.baseUrl)
        .get('/api/v1/organizations/usage/runs')
        .set('X-API-Key', key)
        .expect(200);
      return (list.body as { total_count: number }).total_count;
    },
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
