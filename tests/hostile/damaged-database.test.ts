/**
 * A database file that is damaged while the server runs: the server reports it, places no calls, and continues to
 * answer.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { acceptDials, startCallingProcess, type CallingProcess } from './calling-process';

let folder: string;
let logFile: string;
let logDescriptor: number;
let server: CallingProcess;
let dials: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'damaged-'));
  logFile = join(folder, 'log');
  logDescriptor = openSync(logFile, 'a');
  const accept = acceptDials();
  dials = 0;
  server = await startCallingProcess(
    (response) => {
      dials += 1;
      accept(response);
    },
    { environment: { LOG_LEVEL: 'info' }, limits: { logFile: logDescriptor } },
  );
});
afterEach(async () => {
  await server.close();
  closeSync(logDescriptor);
  rmSync(folder, { recursive: true });
});

interface Page {
  /** In bytes, from the beginning of the file. */
  start: number;
  size: number;
}

/** The start of a table in the file, after a checkpoint, so that the server must read it again. */
function pageOf(table: string): Page {
  const database = new Libsql(server.databaseFile);
  database.exec('UPDATE clock SET id = id');
  database.pragma('wal_checkpoint(TRUNCATE)');
  const root = database.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?');
  const [number] = root.raw().get(table) as [number];
  const [size] = database.prepare('PRAGMA page_size').raw().get() as [number];
  database.close();
  return { start: (number - 1) * size, size };
}

function overwrite({ start, size }: Page): void {
  const file = openSync(server.databaseFile, 'r+');
  writeSync(file, Buffer.alloc(size, 7), 0, size, start);
  closeSync(file);
}

interface LogLine {
  level: number;
  msg: string;
}

function fatalLines(): LogLine[] {
  const lines = readFileSync(logFile, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as LogLine).filter(({ level }) => level === 60);
}

// The first table is read when a run is inserted, the second by every authenticated request.
test.each(['sqlite_sequence', 'api_keys'])(
  'damage of %s refuses every call with a reason and dials nobody; health and the log report it once',
  async (table) => {
    expect((await server.trigger()).status).toBe(200);
    overwrite(pageOf(table));
    for (let count = 0; count < 5; count += 1) {
      const { status, headers, text } = await server.trigger();
      expect([status, headers.get('retry-after'), JSON.parse(text)]).toEqual([
        503,
        '60',
        {
          code: 'database_unavailable',
          detail: expect.stringMatching(/is damaged.*no call was placed.*backup.*admin -- doctor/) as string,
        },
      ]);
    }
    expect(dials).toBe(1);
    expect(JSON.parse((await server.send('GET', '/health')).text)).toMatchObject({
      status: 'database damaged',
    });
    await server.process.stop();
    expect(fatalLines()).toEqual([
      expect.objectContaining({
        msg: expect.stringMatching(
          /no call is placed any more.*is damaged.*admin -- doctor.*backup/,
        ) as string,
      }),
    ]);
  },
);
