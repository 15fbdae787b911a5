import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArtifactFolder } from '../../../trigger-server/src/artifacts/folder';
import { readConfig } from '../../../trigger-server/src/config';
import { artifactStoreContract } from '../../contracts/artifact-store';

function makeFolder() {
  const parent = mkdtempSync(join(tmpdir(), 'artifacts-'));
  const folder = join(parent, 'artifacts');
  return {
    folder,
    open: () => openArtifactFolder(folder),
    fileCount: () =>
      readdirSync(parent, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length,
    remove: () => {
      rmSync(parent, { recursive: true });
    },
  };
}

artifactStoreContract('folder', makeFolder);

test('the folder is ARTIFACTS_DIR, by default beside the database', () => {
  const folderOf = (environment: Record<string, string>) => readConfig(environment).artifactsFolder;
  expect(folderOf({})).toBe('data/artifacts');
  expect(folderOf({ DATABASE_URL: 'file:/srv/calls/trigger.db' })).toBe('/srv/calls/artifacts');
  expect(folderOf({ DATABASE_URL: 'file:/srv/calls/trigger.db', ARTIFACTS_DIR: '/mnt/files' })).toBe(
    '/mnt/files',
  );
});

test('partial files of a killed server are removed by the next one', async () => {
  const place = makeFolder();
  const incoming = join(place.folder, '.incoming');
  mkdirSync(incoming, { recursive: true });
  writeFileSync(join(incoming, 'half'), 'half a recording');
  place.open();
  expect(place.fileCount()).toBe(0);
  place.remove();
});

test('only the server’s own user may read a recording', async () => {
  const place = makeFolder();
  const body = (async function* () {
    yield Buffer.from('private');
  })();
  await place.open().write('recordings/1.wav', body, 100);
  expect(statSync(join(place.folder, 'recordings', '1.wav')).mode & 0o777).toBe(0o600);
  expect(statSync(join(place.folder, 'recordings')).mode & 0o777).toBe(0o700);
  place.remove();
});
