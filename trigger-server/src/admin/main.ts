/** `npm run admin -- <command>`: maintenance of a database. A server may be running on it. */
import { readConfig } from '../config';
import type { Command } from './command';
import { doctor } from './doctor';
import { rotateSecrets } from './rotate-secrets';

const commands = new Map<string, Command>([
  ['doctor', doctor],
  ['rotate-secrets', rotateSecrets],
]);

const print = (line: string) => process.stdout.write(`${line}\n`);

async function main([name = '', ...flags]: string[]): Promise<number> {
  const command = commands.get(name);
  const unknown = flags.find((flag) => command?.flags[flag] === undefined);
  if (command === undefined || unknown !== undefined) {
    print(usage());
    return 2;
  }
  return command.run(readConfig(process.env), new Set(flags), print);
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
