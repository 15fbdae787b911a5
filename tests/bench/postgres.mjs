/** PostgreSQL for a benchmark: the one of the real suites, with the CPU that its processes use. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const source = fileURLToPath(new URL('../real/postgres/server.ts', import.meta.url));
/** Of /proc: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** @param folder for its compiled starter. @returns what `startPostgres` does, and `cpu()` in microseconds. */
export async function startPostgres(folder, settings) {
  const outfile = join(folder, 'postgres.cjs');
  buildSync({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['pg-native'],
  });
  const postgres = await createRequire(import.meta.url)(outfile).startPostgres(settings);
  return { ...postgres, cpu: () => cpuOf(postgres.processId()) };
}

/** Of a process, its children, and those that have ended. */
function cpuOf(processId) {
  const children = readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8').split(' ');
  const ticks = [[String(processId), 4], ...children.filter(Boolean).map((child) => [child, 2])].map(
    ([id, columns]) => {
      const fields = readFileSync(`/proc/${id}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      // utime and stime; then those of children that have ended.
      return fields.slice(11, 11 + columns).reduce((sum, field) => sum + Number(field), 0);
    },
  );
  return (ticks.reduce((sum, value) => sum + value, 0) / ticksPerSecond) * 1_000_000;
}
