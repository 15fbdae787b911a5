/**
 * The trigger route (SQLite with synchronous=FULL, sandbox at zero delay) against the echo that an Express developer would
 * write. Each is a process of its own; they are measured in turns, in one run, and compared as ratios: absolute numbers
 * belong to the machine. Prints a table and JSON, and fails below its target.
 */
import { compare, judge, withProcesses } from './measure.mjs';

await withProcesses(async ({ start, startServer }) => {
  const server = await startServer({});
  const echo = await start('./echo-server.cjs');
  const [, trigger] = /POST (\S+)/.exec(server.output);
  const measured = await compare(
    { name: 'trigger', url: trigger, cpu: server.cpu },
    { name: 'echo', url: `${echo.url}/echo`, cpu: echo.cpu },
  );
  judge('The trigger route in the sandbox', measured, 0.7);
});
