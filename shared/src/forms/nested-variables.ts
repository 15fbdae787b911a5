/** Variables that are entered as a list of names and values, as the object that prompts read. */
import type { JsonObject, JsonValue } from '../contracts';
import { fieldRefusal } from './input-fields';

class Branch {
  readonly parts = new Map<string, JsonValue | Branch>();
}

/**
 * A dotted name is a path, as in a prompt: `user.name` becomes `{user: {name: …}}`. A name with an empty part, such as
 * the column `No.`, is no path and stays as it is.
 *
 * @param label The field, for the refusal.
 * @throws TriggerError `invalid_input` for a name that comes twice, or that is the beginning of another one.
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

/** `fromEntries` defines keys, it does not assign them: a name such as `__proto__` stays an ordinary one. */
function toObject({ parts }: Branch): JsonObject {
  return Object.fromEntries(
    Array.from(parts, ([name, value]) => [name, value instanceof Branch ? toObject(value) : value]),
  );
}

function duplicateName(label: string, name: string): Error {
  return fieldRefusal(label, `the name ${name} comes twice, or is the beginning of another name`);
}
