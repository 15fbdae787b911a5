/** Waits until a condition about another program holds. It checks every 100 ms, up to a timeout. */
import { sleep } from '@dograh-trigger/shared/axios';

/** @param what the condition in words, for the error. */
export async function until(what: string, isSo: () => Promise<boolean>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited ${String(seconds)} s in vain: ${what}`);
    await sleep(100);
  }
}
