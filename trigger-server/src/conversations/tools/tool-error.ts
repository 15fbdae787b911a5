/** Why a tool could not be run, in words that the model is shown. They hold no value and no secret. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
