/**
 * Compares every reply (status, headers and body) and the log line of its request with the recording. A change in the
 * recording is a change for callers. `UPDATE_WIRE=1 npx jest tests/trigger-server/http/wire` writes a new recording, and
 * the diff shows the change.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { askAll, type Recorded } from './scene';

type Headers = Record<string, string>;

const file = join(__dirname, 'recorded.jsonl');

/**
 * The first line contains the usual headers. Each further line is an exchange, and contains only the headers that differ
 * from the usual ones (null: the header is absent). An exchange without extensions is recorded only if it differs.
 */
async function record(): Promise<object[]> {
  const full = await askAll({});
  const plain = await askAll({ EXTENSIONS: '' });
  const differing = Object.entries(plain).filter(
    ([name, recorded]) => !isDeepStrictEqual(recorded, full[name]),
  );
  const usual = full.health?.replies[0]?.headers ?? {};
  return [
    { usual },
    ...Object.entries(full).map(([name, recorded]) => ({ name, ...briefly(recorded, usual) })),
    ...differing.map(([name, recorded]) => ({ plain: name, ...briefly(recorded, usual) })),
  ];
}

function briefly({ replies, log }: Recorded, usual: Headers): object {
  return {
    replies: replies.map((reply) => ({ ...reply, headers: difference(usual, reply.headers) })),
    log,
  };
}

function difference(usual: Headers, headers: Headers): Record<string, string | null> {
  const absent = Object.keys(usual).filter((name) => !(name in headers));
  return {
    ...Object.fromEntries(Object.entries(headers).filter(([name, value]) => usual[name] !== value)),
    ...Object.fromEntries(absent.map((name) => [name, null])),
  };
}

test('every reply and every log line is as it was recorded, with extensions and without', async () => {
  const lines = (await record()).map((line) => JSON.stringify(line));
  if (process.env.UPDATE_WIRE === '1') writeFileSync(file, `${lines.join('\n')}\n`);
  const recorded = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
    recorded.map((line) => JSON.parse(line) as unknown),
  );
});
