/** Copies the source of the shared client into the app's folder, of which alone source.zip is made. */
import { cp, rm } from 'node:fs/promises';
import { sharedSource, taken } from './shared-source.mjs';

if (sharedSource !== taken) {
  await rm(taken, { recursive: true, force: true });
  await cp(sharedSource, taken, { recursive: true });
}
