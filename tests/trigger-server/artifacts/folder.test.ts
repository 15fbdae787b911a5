import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArtifactFolder } from '../../../trigger-server/src/artifacts/folder';
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

test('what a server that was killed left half-written is removed by the next one', async () => {
  const place = makeFolder();
  place.open();
  writeFileSync(join(place.folder, '.incoming', 'half'), 'half a recording');
  place.open();
  expect(place.fileCount()).toBe(0);
  place.remove();
});

test('nobody but the server’s own user may read a recording', async () => {
  const place = makeFolder();
  const body = (async function* () {
    yield Buffer.from('private');
  })();
  await place.open().write('recordings/1.wav', body, 100);
  expect(statSync(join(place.folder, 'recordings', '1.wav')).mode & 0o777).toBe(0o600);
  expect(statSync(join(place.folder, 'recordings')).mode & 0o777).toBe(0o700);
  place.remove();
});
