/** Dograh's own SDK (npm, 0.1.7), which is an ES module: `dograh-sdk-process.mjs` is its process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Nodes as `[type, properties]`; edges as `[from, to, options]`, by their places in the list of nodes. */
export interface SdkWorkflow {
  name: string;
  nodes: [type: string, properties: object][];
  edges: [from: number, to: number, options: { label: string; condition: string }][];
}

export type SdkTask =
  | { task: 'call'; method: string; args: unknown[] }
  | { task: 'build'; workflow: SdkWorkflow }
  | { task: 'save'; id: number; workflow: SdkWorkflow }
  | { task: 'load'; id: number }
  | { task: 'specVersion' }
  | { task: 'surface' };

/** The SDK's result, or its error. */
export interface SdkResult {
  value?: unknown;
  error?: { name: string; message: string; statusCode?: number };
}

export interface DograhSdk {
  /** One task at a time. */
  ask(server: { baseUrl: string; apiKey: string }, task: SdkTask): Promise<SdkResult>;
  close(): Promise<void>;
}

export function startDograhSdk(): DograhSdk {
  const child = spawn(process.execPath, [join(__dirname, 'dograh-sdk-process.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask({ baseUrl, apiKey }, task) {
      child.stdin.write(`${JSON.stringify({ baseUrl, apiKey, ...task })}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error('The process of the SDK has ended');
      return JSON.parse(line.value) as SdkResult;
    },
    async close() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
