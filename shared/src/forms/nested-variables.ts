/** Converts a list of variable names and values to the nested object that prompts use. */
import type { JsonObject, JsonValue } from '../contracts';
import { fieldRefusal } from './input-fields';

class Branch {
  readonly parts = new Map<string, JsonValue | Branch>();
}

/**
 * A dotted name is a path, as in a prompt: `user.name` becomes `{user: {name: …}}`. A name with an empty part, such
 * as the column `No.`, is not a path and stays unchanged.
 *
 * @param label The label of the field, for the error.
 * @throws TriggerError `invalid_input` for a duplicate name, or one that is a prefix of another path.
 */
export function nestVariables(label: string, entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  const root = new Branch();
  for (const [name, value] of entries) {
    const parts = name.split('.');
    const path = parts.includes('') ? [name] : parts;
    const last = path.pop() ?? name;
    let branch = root;
    for (const part of path) {
      const next = branch.parts.get(part) ?? new Branch();
      if (!(next instanceof Branch)) throw duplicateName(label, name);
      branch.parts.set(part, next);
      branch = next;
    }
    if (branch.parts.has(last)) throw duplicateName(label, name);
    branch.parts.set(last, value);
  }
  return toObject(root);
}

/** `fromEntries` defines keys instead of assigning them, so the name `__proto__` is harmless. */
function toObject({ parts }: Branch): JsonObject {
  return Object.fromEntries(
    Array.from(parts, ([name, value]) => [name, value instanceof Branch ? toObject(value) : value]),
  );
}

function duplicateName(label: string, name: string): Error {
  return fieldRefusal(label, `the name ${name} comes twice, or is the beginning of another name`);
}
