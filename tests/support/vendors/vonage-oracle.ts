/** Vonage's own SDK, which Jest on Node 20 cannot load: `vonage-sdk.cjs` is its process. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What Vonage's SDK makes of a task. */
export async function vonageOracle(task: object): Promise<unknown> {
  const script = join(__dirname, 'vonage-sdk.cjs');
  const running = promisify(execFile)(process.execPath, [script]);
  running.child.stdin?.end(JSON.stringify(task));
  return JSON.parse((await running).stdout);
}
