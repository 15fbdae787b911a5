/** Where the source of the shared client is: beside this folder, or in it where only this folder is there. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const beside = fileURLToPath(new URL('../../shared/src', import.meta.url));

/** Not in .gitignore of this folder: what that names stays out of source.zip. */
export const taken = fileURLToPath(new URL('../shared-source', import.meta.url));

export const sharedSource = existsSync(beside) ? beside : taken;
