/** Waiting for what other programs do: asked again every 100 ms until it is so, and not for ever. */
import { sleep } from '@dograh-trigger/shared/axios';

/** @param what for the error, when it never is. */
export async function until(what: string, isSo: () => Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited ${String(seconds)} s in vain: ${what}`);
    await sleep(100);
  }
}
