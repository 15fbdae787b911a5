/** `npm run admin -- <command>`: maintenance of a database. A server may be running on it. */
import { readConfig } from '../config';
import { archiveKey, createKey, listKeys } from './api-keys';
import { backup } from './backup';
import type { Command } from './command';
import { createUser } from './create-user';
import { copy } from './copy';
import { doctor } from './doctor/doctor';
import { prune } from './prune';
import { rotateSecrets } from './rotate-secrets';
import { signInLink } from './sign-in-link';

const commands = new Map<string, Command>([
  ['archive-key', archiveKey],
  ['backup', backup],
  ['create-key', createKey],
  ['create-user', createUser],
  ['copy', copy],
  ['doctor', doctor],
  ['list-keys', listKeys],
  ['prune', prune],
  ['rotate-secrets', rotateSecrets],
  ['sign-in-link', signInLink],
]);

const print = (line: string) => process.stdout.write(`${line}\n`);

async function main([name = '', ...words]: string[]): Promise<number> {
  const command = commands.get(name);
  const flags = command === undefined ? null : readFlags(command, words);
  if (command === undefined || flags === null) {
    print(usage());
    return 2;
  }
  return command.run(readConfig(process.env), flags, print);
}

/** The flags by name, with their values (`--email jane@example.com` or `--email=…`); null when one is not valid. */
function readFlags(command: Command, words: readonly string[]): Map<string, string> | null {
  const known = new Map(
    Object.keys(command.flags).map((flag) => {
      const [name = '', value] = flag.split(' ');
      return [name, value !== undefined];
    }),
  );
  const flags = new Map<string, string>();
  const rest = words.flatMap((word) => /^(--[\w-]+)=(.*)$/s.exec(word)?.slice(1) ?? [word]);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const takesValue = known.get(name);
    const value = takesValue === true ? rest.shift() : '';
    if (takesValue === undefined || value === undefined) return null;
    flags.set(name, value);
  }
  return flags;
}

function usage(): string {
  const lines = [...commands].flatMap(([name, { summary, flags }]) => [
    `  ${name}  ${summary}`,
    ...Object.entries(flags).map(([flag, meaning]) => `    ${flag}  ${meaning}`),
  ]);
  return ['npm run admin -- <command>, with the environment of the server:', ...lines].join('\n');
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
