/** The machine: where recordings are, room on its disks, and how many files a process may have open. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { wrongStoreOfRecordings, type Config } from '../../config';
import type { Finding } from './finding';

/** A day of 100,000 calls with an event each is about 600 MB. */
const leastBytes = 1024 ** 3;
/** Connections of callers, and up to 1,024 to each carrier. */
const fewestFiles = 4096;

export function* checkMachine(config: Config): Generator<Finding> {
  const { database, artifactsFolder } = config;
  const wrongStore = wrongStoreOfRecordings(config);
  yield { about: 'store of recordings', wrong: wrongStore === null ? [] : [wrongStore] };
  const folders = [artifactsFolder, ...(database.kind === 'sqlite' ? [dirname(database.file)] : [])];
  for (const folder of new Set(folders.filter((path) => existsSync(path)))) {
    yield { about: `room in ${folder}`, wrong: wrongRoom(folder) };
  }
  yield { about: 'open files', wrong: wrongLimit() };
}

function wrongRoom(folder: string): string[] {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= leastBytes) return [];
  return [
    `${String(Math.floor(free / 1024 ** 2))} MB are free. With a full disk every call is refused with 503: make room, or move the folder to a larger disk.`,
  ];
}

/** Node raises its limit to the hard one when it starts. Linux alone shows it. */
function wrongLimit(): string[] {
  const limits = '/proc/self/limits';
  if (!existsSync(limits)) return [];
  const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync(limits, 'utf8')) ?? [];
  if (hard === undefined || Number(hard) >= fewestFiles) return [];
  return [
    `a process may have ${hard} open, and a busy server needs ${String(fewestFiles)}. Raise the limit: LimitNOFILE=65536 of its systemd unit, or ulimit -Hn 65536 before it starts.`,
  ];
}
