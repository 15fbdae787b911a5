/** Calls Vonage's own SDK through the process `vonage-sdk.cjs`, because Jest on Node 20 cannot load it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The SDK's result for a task. */
export async function vonageOracle(task: object): Promise<unknown> {
  const script = join(__dirname, 'vonage-sdk.cjs');
  const running = promisify(execFile)(process.execPath, [script]);
  running.child.stdin?.end(JSON.stringify(task));
  return JSON.parse((await running).stdout);
}
