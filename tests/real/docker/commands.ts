/** Executes the `docker` commands of the documentation, as far as it uses them, without Docker. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startIn, type Image } from './image';

/** Where the commands are executed. */
export interface Machine {
  image: Image;
  /** The folder of the volume `data`. */
  volume: string;
  /** The folder in which the commands are typed. */
  folder: string;
  stopServer(): Promise<unknown>;
  startServer(): Promise<unknown>;
}

const compose = String.raw`^docker compose(?: --file \S+)* `;
const inServer = new RegExp(`${compose}exec server (.+)$`);
const fromServer = new RegExp(`${compose}cp server:/data/(\\S+) (\\S+)$`);
const stopOrStart = new RegExp(`${compose}(stop|start) server$`);
const inVolume =
  /^docker run --rm --user root --volume dograh-trigger_data:\/data --volume "\$PWD\/(\S+):\/backup:ro" dograh-trigger sh -c '(.+)'$/;

/** @throws Error if the command fails, or is none that the documentation uses. */
export async function execute(machine: Machine, command: string): Promise<void> {
  const { image, volume, folder } = machine;
  const [, words] = inServer.exec(command) ?? [];
  const [, source, target] = fromServer.exec(command) ?? [];
  const [, verb] = stopOrStart.exec(command) ?? [];
  const [, backup, script] = inVolume.exec(command) ?? [];
  if (words !== undefined) await run(startIn(image, volume, words.split(' ')), command);
  else if (source !== undefined && target !== undefined) {
    execFileSync('cp', ['--archive', join(volume, source), join(folder, target)]);
  } else if (verb !== undefined) await (verb === 'stop' ? machine.stopServer() : machine.startServer());
  else if (backup !== undefined && script !== undefined) {
    const asRoot = { user: 'root', backup: join(folder, backup) };
    await run(startIn(image, volume, ['sh', '-c', script], {}, asRoot), command);
  } else throw new Error(`A command that this suite does not know: ${command}`);
}

async function run(child: ReturnType<typeof startIn>, command: string): Promise<void> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${errors}`);
}
