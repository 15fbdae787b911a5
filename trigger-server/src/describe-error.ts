/**
 * An error for the log: name, code and stack, but not the message, which may quote a phone number or a stored value.
 */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { name: error.name, code: 'code' in error ? error.code : undefined, stack: frames?.join('\n') };
}
