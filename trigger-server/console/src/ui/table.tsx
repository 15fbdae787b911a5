/** A table that becomes a list of cards on a narrow screen. */
import type { ReactNode } from 'react';
import styles from './table.module.css';

export interface TableRow {
  key: string | number;
  /** As many as the table has columns. */
  cells: readonly ReactNode[];
}

/**
 * The roles are written out because a table that is laid out as cards loses its own.
 * @param props.label says what the rows are.
 */
export function Table(props: { label: string; columns: readonly string[]; rows: readonly TableRow[] }) {
  return (
    <table role="table" aria-label={props.label} className={styles.table}>
      <thead role="rowgroup">
        <tr role="row">
          {props.columns.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.rows.map((row) => (
          <tr key={row.key} role="row">
            {row.cells.map((cell, position) => (
              <td key={props.columns[position]} role="cell" data-column={props.columns[position]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The buttons of a row. */
export function RowActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}
