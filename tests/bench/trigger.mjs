/**
 * The trigger route (SQLite with synchronous=FULL, sandbox at zero delay) against an Express 5 echo behind the same
 * middleware, and against a bare echo. The three are measured in turns, in one run, and compared as ratios: absolute
 * numbers belong to the machine. Prints a table and JSON.
 */
import { compare, print, withProcesses } from './measure.mjs';

await withProcesses(async ({ start, startServer }) => {
  const server = await startServer({});
  const same = await start('./echo-server.cjs', ['same-middleware']);
  const bare = await start('./echo-server.cjs', ['bare']);
  const { rows, ratio } = await compare([
    { name: 'trigger', url: /POST (\S+)/.exec(server.output)[1] },
    { name: 'echo behind the same middleware', url: `${same.url}/echo` },
    { name: 'bare echo', url: `${bare.url}/echo` },
  ]);
  print('The trigger route in the sandbox', rows, {
    triggerToEcho: ratio(1),
    triggerToBareEcho: ratio(2),
    target: 0.5,
  });
});
