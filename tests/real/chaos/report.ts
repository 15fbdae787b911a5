/** The table of what was counted, by the kind of fault. */
import { newCounts, type Counts } from './callers';

interface Row extends Counts {
  faults: number;
  dials: number;
  events: number;
  recoveryMilliseconds: number;
}

const columns = [
  'fault',
  'counted',
  'requests',
  'dials',
  '503s',
  'not sent',
  'cut off',
  'events',
  'longest recovery',
  'longest standstill',
  'longest wait of a caller',
];

export class Report {
  private readonly rows: Map<string, Row>;

  constructor(names: readonly string[]) {
    this.rows = new Map(
      names.map((name) => [
        name,
        { ...newCounts(), faults: 0, dials: 0, events: 0, recoveryMilliseconds: 0 },
      ]),
    );
  }

  /** What happened from one fault until the next. */
  add(
    name: string,
    counts: Counts,
    more: { dials: number; events: number; recoveryMilliseconds: number },
  ): void {
    const row = this.rows.get(name);
    if (row === undefined) throw new Error(`There is no fault ${name}`);
    row.faults += 1;
    row.requests += counts.requests;
    row.unavailable += counts.unavailable;
    row.unsent += counts.unsent;
    row.cutOff += counts.cutOff;
    row.dials += more.dials;
    row.events += more.events;
    row.recoveryMilliseconds = Math.max(row.recoveryMilliseconds, more.recoveryMilliseconds);
    row.longestStandstillMilliseconds = Math.max(
      row.longestStandstillMilliseconds,
      counts.longestStandstillMilliseconds,
    );
    row.longestWaitMilliseconds = Math.max(row.longestWaitMilliseconds, counts.longestWaitMilliseconds);
  }

  table(seed: string): string {
    const cells = [...this.rows].map(([name, row]) => [
      name,
      String(row.faults),
      String(row.requests),
      String(row.dials),
      String(row.unavailable),
      String(row.unsent),
      String(row.cutOff),
      String(row.events),
      inSeconds(row.recoveryMilliseconds),
      inSeconds(row.longestStandstillMilliseconds),
      inSeconds(row.longestWaitMilliseconds),
    ]);
    const widths = columns.map((column, index) =>
      Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
    );
    const lines = [columns, ...cells].map((row) =>
      row
        .map((cell, index) =>
          index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
        )
        .join('  '),
    );
    return `seed ${seed}\n${lines.join('\n')}\n`;
  }
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
