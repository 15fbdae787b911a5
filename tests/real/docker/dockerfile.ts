/** Reads a Dockerfile and a .dockerignore, as far as ours use their languages. */

export interface Step {
  instruction: string;
  /** The rest of its line. */
  text: string;
}

export interface Stage {
  /** The base image, or the name of an earlier stage. */
  from: string;
  /** Null for the last one, which is the image. */
  name: string | null;
  steps: Step[];
}

/** @throws Error for a line that is no instruction. */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, instruction, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (instruction === undefined || rest === undefined) throw new Error(`No instruction: ${line}`);
    if (instruction === 'FROM') {
      const [, from = '', name = null] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ from, name, steps: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`Before the first FROM: ${line}`);
      stage.steps.push({ instruction, text: rest });
    }
  }
  return stages;
}

/**
 * @returns whether a path of the context is left out. The last pattern that matches a path, or a folder of it, decides:
 * https://docs.docker.com/build/concepts/context/#dockerignore-files.
 */
export function readDockerignore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ isLeftOut: !line.startsWith('!'), pattern: toPattern(line.replace(/^!/, '')) }));
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.isLeftOut ?? false;
}

function toPattern(glob: string): RegExp {
  const inside = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'));
  return new RegExp(`^${inside}(?:/.*)?$`);
}
