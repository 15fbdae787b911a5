/** The commands of a page of the documentation, for suites that execute them as they stand there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param from a text before the first block of commands. @param to a text after the last one.
 * @returns the blocks between the two texts, each a list of commands, without the line breaks within one.
 * @throws Error if the page does not have both texts.
 */
export function documentedCommands(page: string, from: string, to: string): string[][] {
  const text = readFileSync(join(__dirname, '../..', page), 'utf8');
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  if (start < 0 || end < 0) throw new Error(`${page} does not have both: ${from} … ${to}`);
  const blocks = text.slice(start, end).matchAll(/^```sh\n([\s\S]*?)\n```$/gm);
  return Array.from(blocks, ([, block = '']) => block.replaceAll(/\\\n\s*/g, '').split('\n'));
}
