/**
 * What a list costs those who call one by one (SQLite): the 99th percentile of a trigger while a list of 100,000 contacts is
 * uploaded, and while it is called with 50 calls at a time, against the same trigger of a server without lists. The target is
 * about the running list. Prints a table and JSON.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { apiKey, withProcesses } from './measure.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const contacts = Number(process.env.BENCH_CONTACTS ?? 100_000);
const requestsPerTurn = 500;
const target = 1.5;
const json = { 'x-api-key': apiKey, 'content-type': 'application/json' };

const csv = ['phone_number,name']
  .concat(Array.from({ length: contacts }, (_, n) => `+1415${5_000_000 + n},Jane ${n}`))
  .join('\n');

async function ask(server, method, path, body) {
  const reply = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: json,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

/** @returns the uploaded file, once all its rows are read. */
async function upload(server) {
  const { upload_url: url } = await ask(server, 'POST', '/s3/presigned-upload-url', {
    file_name: 'contacts.csv',
    file_size: csv.length,
  });
  const reply = await fetch(url, { method: 'PUT', headers: { 'content-type': 'text/csv' }, body: csv });
  if (!reply.ok) throw new Error(`The upload: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

async function startCampaign(server, fileKey) {
  const [agent] = await ask(server, 'GET', '/workflow/fetch');
  const { id } = await ask(server, 'POST', '/campaign/create', {
    name: 'List',
    workflow_id: agent.id,
    source_type: 'csv',
    source_id: fileKey,
    max_concurrency: 50,
  });
  await ask(server, 'POST', `/campaign/${id}/start`);
  return id;
}

/** One call after another, until so many are placed or `isOver()`. @returns the 99th percentile in milliseconds. */
async function turn(server, isOver = () => false) {
  const path = /production {2}POST \S+?\/api\/v1(\/\S+)/.exec(server.output)[1];
  const times = [];
  while (times.length < requestsPerTurn && !(times.length > 100 && isOver())) {
    const start = performance.now();
    await ask(server, 'POST', path, { phone_number: '+14155550100' });
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)];
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

await withProcesses(async ({ startServer, folder }) => {
  const start = (name) =>
    startServer({
      DATABASE_URL: `file:${join(folder, name)}`,
      SANDBOX_STEP_MS: '500',
      KEY_REQUESTS_PER_SECOND: '0',
    });
  const quiet = await start('quiet.db');
  const busy = await start('busy.db');
  await turn(quiet);
  await turn(busy);

  const alone = await turn(quiet);
  const begun = performance.now();
  let isUploaded = false;
  const uploading = upload(busy).finally(() => (isUploaded = true));
  const duringUpload = await turn(busy, () => isUploaded);
  const file = await uploading;
  const uploadSeconds = (performance.now() - begun) / 1000;
  const id = await startCampaign(busy, file.file_key);

  const rows = [];
  for (let round = 0; round < rounds; round += 1) {
    rows.push({ alone: await turn(quiet), besideList: await turn(busy) });
  }
  const progress = await ask(busy, 'GET', `/campaign/${id}/progress`);
  const ratio = median(rows.map((row) => row.besideList / row.alone));
  console.table(rows);
  console.log(
    JSON.stringify({
      benchmark: 'campaigns',
      contacts: file.total_rows,
      uploadSeconds,
      p99DuringUpload: duringUpload / alone,
      p99BesideList: ratio,
      target,
      progress,
    }),
  );
  if (progress.state !== 'running')
    throw new Error(`The list is ${progress.state} and must still be running`);
  if (ratio > target) process.exitCode = 1;
});
