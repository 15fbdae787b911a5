/** The options of a choice. */
export interface Option {
  value: string;
  label: string;
}

/** A value that this list does not have is kept until another one is chosen. */
export function withCurrent(options: readonly Option[], current: string): Option[] {
  return options.some(({ value }) => value === current)
    ? [...options]
    : [...options, { value: current, label: current }];
}
