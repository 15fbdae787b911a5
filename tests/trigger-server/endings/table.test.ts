/** The table of outcomes in the server's README matches the code. `UPDATE_OUTCOMES=1 npx jest endings/table` updates it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInDispositionCodes, neverConnectedStatuses, runReasons } from '@dograh-trigger/shared';
import { outcomes } from '../../../trigger-server/src/carriers/port/outcomes';

const readme = join(__dirname, '..', '..', '..', 'trigger-server', 'README.md');
const rows = Object.values(outcomes);

function table(): string {
  const code = (word: string | null) => (word === null ? 'null' : `\`${word}\``);
  const cells = [
    ['what happened', '`status`', 'disposition', '`reason`'],
    ...rows.map(({ meaning, status, disposition, reason }) => [
      meaning,
      code(status),
      code(disposition),
      code(reason),
    ]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

test('the README has every outcome, in the words of the code', () => {
  const text = readFileSync(readme, 'utf8');
  const written = text.replace(/\| what happened [\s\S]*?\n(?=\n)/, `${table()}\n`);
  if (process.env.UPDATE_OUTCOMES === '1') writeFileSync(readme, written);
  else expect(text).toBe(written);
  expect(written).toContain(table());
});

test('every disposition is one of Dograh’s, and for a call that never connected it is the status', () => {
  const own = rows
    .map(({ disposition }) => disposition)
    .filter((word) => !builtInDispositionCodes.includes(word));
  expect(own).toEqual([]);
  const never: readonly string[] = neverConnectedStatuses;
  for (const { status, disposition } of rows) {
    // A failure after the answer has its own disposition.
    if (never.includes(status) && disposition !== 'pipeline_error') expect(disposition).toBe(status);
  }
});

test('every reason belongs to an outcome, or to a call that no carrier ended', () => {
  const used = new Set<string | null>(rows.map(({ reason }) => reason));
  expect(runReasons.filter((reason) => !used.has(reason))).toEqual([
    ...['not_placed', 'expired'],
    // Calls that waited, and could not be placed when they were due.
    ...['agent_archived', 'do_not_call', 'destination_refused', 'refused_at_dial'],
  ]);
});
