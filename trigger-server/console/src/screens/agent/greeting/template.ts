/** Import it lazily: the renderer stands beside the contracts. */
import { renderText, type JsonObject } from '@dograh-trigger/shared';

export { listTextVariables } from '@dograh-trigger/shared';

/** The text with the values, or what prevents it. */
export function preview(template: string, values: JsonObject, now: Date): string {
  try {
    return renderText(template, values, { now });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
