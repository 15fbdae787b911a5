/**
 * The trigger route (SQLite with synchronous=FULL, sandbox without delays), compared with the echo server that an Express
 * developer would write. Each is a process of its own. They are measured in turns within one run and compared as ratios,
 * because absolute numbers depend on the machine. Prints a table and JSON, and fails below its target.
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
