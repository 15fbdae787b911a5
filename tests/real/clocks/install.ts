/** Installs libfaketime, which changes the time of one program: https://github.com/wolfcw/libfaketime */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installOnce } from '../install-once';

/**
 * Debian's package, unpacked beside the machine's own programs: nothing is installed on the machine.
 * @returns the library, for `LD_PRELOAD`.
 * @throws Error where this cannot be done here, with what to do.
 */
export function installFaketime(): string {
  const faketime = { folder: 'faketime', what: "Debian's libfaketime", size: '1 MB' };
  const folder = installOnce(faketime, (partial) => {
    try {
      execFileSync(
        'sh',
        ['-c', 'cd "$0" && apt-get download libfaketime && dpkg -x libfaketime_*.deb .', partial],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
    } catch (error) {
      throw new Error("libfaketime could not be fetched: this takes Debian. Try 'apt-get update' first.", {
        cause: error,
      });
    }
  });
  const libraries = join(folder, 'usr/lib');
  const found = readdirSync(libraries, { recursive: true })
    .map(String)
    .find((name) => name.endsWith('libfaketimeMT.so.1'));
  if (found === undefined) throw new Error(`There is no libfaketimeMT.so.1 in ${libraries}`);
  return join(libraries, found);
}
