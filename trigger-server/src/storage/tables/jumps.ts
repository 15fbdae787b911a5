/** Has at most one row. */
export interface ClockTable {
  id: number;
  /** The sum of all jumps of the wall clock that servers of this database have noticed. */
  jumped_milliseconds: number;
  /** The machine's clocks when the row was written. */
  wall_milliseconds: number;
  monotonic_milliseconds: number;
  /** The boot id of the machine at that time; null where the system has none. */
  boot: string | null;
}
