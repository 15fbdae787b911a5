/**
 * Installs a Debian with Asterisk, SIPp and espeak-ng in a cache folder. Asterisk is in few of Debian's releases:
 * https://tracker.debian.org/pkg/asterisk.
 */
import { installDebian } from '../debian';

const packages = ['asterisk', 'sip-tester', 'espeak-ng'];
/** The release of Debian for each value of `ASTERISK_VERSION`. */
const releases = new Map([
  ['current', { suite: 'sid', folder: 'asterisk', size: '600 MB' }],
  ['16', { suite: 'bullseye', folder: 'asterisk-16', size: '435 MB' }],
]);
/**
 * Installs it once, in about a minute: Debian's current Asterisk, or the version that `ASTERISK_VERSION` names.
 * @returns the folder for chroot. @throws Error with instructions if the installation is not possible on this
 *   machine.
 */
export function installAsterisk(): string {
  const version = process.env.ASTERISK_VERSION ?? 'current';
  const release = releases.get(version);
  if (release === undefined) {
    throw new Error(`ASTERISK_VERSION is '${version}'; it can be ${[...releases.keys()].join(' or ')}`);
  }
  const what = `Debian ${release.suite} with Asterisk, SIPp and espeak-ng`;
  return installDebian({ ...release, what, packages });
}
