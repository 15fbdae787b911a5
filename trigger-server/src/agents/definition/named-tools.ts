/** What the checks of a definition know of a tool. */
export interface NamedTool {
  name: string;
  /** Only an active tool is offered to the model. */
  isActive: boolean;
}

/** By UUID. */
export type NamedTools = ReadonlyMap<string, NamedTool>;
