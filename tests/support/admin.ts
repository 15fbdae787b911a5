/** Runs a command of `npm run admin` in a separate process. Run `tsc -b trigger-server` first. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** The script of `npm run admin`. */
export const adminMain = join(__dirname, '../../trigger-server/dist/admin/main.js');

/** Its output and exit code. */
export function runAdmin(
  environment: Record<string, string>,
  ...words: string[]
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, ...environment };
    const child = execFile(process.execPath, [adminMain, ...words], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}
