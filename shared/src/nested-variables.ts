/** Variables that are entered as a list of names and values, as the object that prompts read. */
import { fieldRefusal } from './input-fields';
import type { JsonObject, JsonValue } from './contracts';

interface Branch extends Map<string, JsonValue | Branch> {}

/**
 * A dotted name is a path, as in a prompt: `user.name` becomes `{user: {name: …}}`.
 *
 * @param label The field, for the refusal.
 * @throws TriggerError `invalid_input` for a name that comes twice, that has an empty part, or that is a value and
 *   the beginning of another name at once.
 */
export function nestVariables(label: string, entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  const root: Branch = new Map();
  for (const [name, value] of entries) {
    const path = name.split('.').map((part) => part.trim());
    if (path.includes('')) throw fieldRefusal(label, `the name "${name}" has an empty part`);
    const last = path[path.length - 1] ?? name;
    let branch = root;
    for (const part of path.slice(0, -1)) {
      const next = branch.get(part) ?? new Map<string, JsonValue | Branch>();
      if (!(next instanceof Map)) throw twice(label, name);
      branch.set(part, next);
      branch = next;
    }
    if (branch.has(last)) throw twice(label, name);
    branch.set(last, value);
  }
  return toObject(root);
}

/** `fromEntries` defines keys, it does not assign them: a name such as `__proto__` stays an ordinary one. */
function toObject(branch: Branch): JsonObject {
  return Object.fromEntries(
    Array.from(branch, ([name, value]) => [name, value instanceof Map ? toObject(value) : value]),
  );
}

function twice(label: string, name: string): Error {
  return fieldRefusal(label, `the name ${name} comes twice, or is also the beginning of another name`);
}
