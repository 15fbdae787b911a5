/** The file that holds the sign-in link of the first start where the output is no terminal. */
import { readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../config';
import { describeError } from '../describe-error';
import type { Services } from '../services';

export function signInLinkFile({ filesBeside }: Pick<Config, 'filesBeside'>): string {
  return resolve(`${filesBeside}.sign-in-link`);
}

/**
 * Deletes the file if it holds the link of this token, which was used. A file that cannot be deleted is logged: its link no
 * longer works.
 */
export async function deleteUsedLinkFile(
  { config, log }: Pick<Services, 'config' | 'log'>,
  token: string,
): Promise<void> {
  const file = signInLinkFile(config);
  try {
    const link = await readFile(file, 'utf8').catch(() => '');
    if (link.trimEnd().endsWith(`#token=${token}`)) await rm(file);
  } catch (error) {
    log.warn({ error: describeError(error) }, 'the file with the used sign-in link could not be deleted');
  }
}
