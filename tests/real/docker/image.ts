/**
 * Executes the steps of the Dockerfile without Docker: each stage is a copy of a Debian in a folder, and RUN changes root
 * into it. It shows that the steps do what they are to do. It does not show that an image can be built of them.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readDockerfile, readDockerignore, type Stage, type Step } from './dockerfile';
import { baseImage } from './install';

export interface Image {
  root: string;
  environment: Record<string, string>;
  workdir: string;
  user: string;
  volumes: string[];
  command: string[];
  healthcheck: string[];
}

/** In a namespace of their own the mounts end with the process. `$0` is the root. */
const mounts = 'mount --bind /proc "$0/proc" && mount --rbind /dev "$0/dev"';
const inNamespace = ['--mount', '--propagation', 'private', 'sh', '-c'];

/** As in Debian's images. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Only what reaches the network: the build depends on nothing else of this machine. */
const network = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
];

/**
 * @param context the folder with the Dockerfile. @param base the folder of the base image.
 * @param folder empty; the stages are built in it, the context as Docker would see it too.
 */
export function buildImage(context: string, base: string, folder: string): Image {
  const isLeftOut = readDockerignore(readFileSync(join(context, '.dockerignore'), 'utf8'));
  const seen = join(folder, 'context');
  cpSync(context, seen, {
    recursive: true,
    filter: (path) => path === context || !isLeftOut(path.slice(context.length + 1)),
  });
  const built = new Map<string, Image>();
  let last: Image | undefined;
  for (const [index, stage] of readDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8')).entries()) {
    const image = begin(stage, built, base, join(folder, String(index)));
    for (const step of stage.steps) execute(step, image, seen, built);
    if (stage.name !== null) built.set(stage.name, image);
    last = image;
  }
  if (last === undefined) throw new Error('The Dockerfile has no stage');
  return last;
}

function begin(stage: Stage, built: ReadonlyMap<string, Image>, base: string, root: string): Image {
  const earlier = built.get(stage.from);
  if (earlier === undefined && stage.from !== baseImage)
    throw new Error(`Another base than ${baseImage}: ${stage.from}`);
  execFileSync('cp', ['--archive', earlier?.root ?? base, root]);
  return earlier === undefined
    ? { root, environment: {}, workdir: '/', user: 'root', volumes: [], command: [], healthcheck: [] }
    : { ...earlier, root };
}

function execute(
  { instruction, text }: Step,
  image: Image,
  context: string,
  built: ReadonlyMap<string, Image>,
): void {
  switch (instruction) {
    case 'WORKDIR':
      image.workdir = text;
      mkdirSync(join(image.root, text), { recursive: true });
      return;
    case 'COPY':
      copy(text, image, context, built);
      return;
    case 'RUN':
      run(text, image);
      return;
    case 'ENV':
      image.environment = {
        ...image.environment,
        ...Object.fromEntries(text.split(' ').map((pair) => pair.split('='))),
      };
      return;
    case 'USER':
      image.user = text;
      return;
    case 'VOLUME':
      image.volumes = [...image.volumes, text];
      return;
    case 'HEALTHCHECK':
      image.healthcheck = JSON.parse(text.slice(text.indexOf('['))) as string[];
      return;
    case 'CMD':
      image.command = JSON.parse(text) as string[];
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`An instruction that this suite does not know: ${instruction}`);
  }
}

/** `COPY [--from=stage] source… destination/`: a folder's content, or files into the folder. */
function copy(text: string, image: Image, context: string, built: ReadonlyMap<string, Image>): void {
  const [, from, rest = ''] = /^(?:--from=(\S+) )?(.+)$/.exec(text) ?? [];
  const paths = rest.split(' ');
  const destination = join(image.root, image.workdir, '.');
  const target = paths.at(-1) ?? '';
  const folder = target.startsWith('/') ? join(image.root, target) : join(destination, target);
  const source = from === undefined ? context : built.get(from)?.root;
  if (source === undefined) throw new Error(`There is no stage ${String(from)}`);
  mkdirSync(folder, { recursive: true });
  for (const path of paths.slice(0, -1)) {
    const found = join(source, path);
    execFileSync('cp', ['--archive', statSync(found).isDirectory() ? `${found}/.` : found, folder]);
  }
}

function run(command: string, { root, workdir, environment }: Image): void {
  const given = network.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  const script = `${mounts} && exec chroot "$0" sh -c "cd $1 && $2"`;
  try {
    execFileSync('unshare', [...inNamespace, script, root, workdir, command], {
      env: {
        PATH: path,
        HOME: '/root',
        ...environment,
        ...(Object.fromEntries(given) as Record<string, string>),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).slice(-3000) : '';
    throw new Error(`RUN ${command} failed:\n${said}`, { cause: error });
  }
}

/** A volume, with owner and mode of the image's folder, as Docker makes a new one. */
export function createVolume({ root }: Image, path: string, folder: string): string {
  mkdirSync(dirname(folder), { recursive: true });
  execFileSync('cp', ['--archive', join(root, path), folder]);
  return folder;
}

/**
 * Starts a command of the image as `compose.yml` does: as the image's user, with a read-only root, an empty /tmp, the
 * volume at its place and no way to more privileges.
 * @param otherwise another user, and a folder of this machine that the container sees at `/backup`.
 */
export function startIn(
  image: Image,
  volume: string,
  command: readonly string[],
  environment: Record<string, string> = {},
  otherwise: { user?: string; backup?: string } = {},
): ChildProcess {
  const [place = ''] = image.volumes;
  const { user = image.user, backup } = otherwise;
  if (backup !== undefined) mkdirSync(join(image.root, 'backup'), { recursive: true });
  const script = [
    'mount --bind "$0" "$0"',
    `mount --bind "$1" "$0${place}"`,
    ...(backup === undefined ? [] : [`mount --bind '${backup}' "$0/backup"`]),
    'mount -t tmpfs tmpfs "$0/tmp"',
    mounts,
    'mount -o remount,bind,ro "$0"',
    `root="$0" && shift && cd "$root" && exec setpriv --no-new-privs chroot --userspec=${user}:${user} "$root" "$@"`,
  ].join(' && ');
  const inWorkdir = ['sh', '-c', `cd ${image.workdir} && exec "$@"`, 'sh', ...command];
  return spawn('unshare', [...inNamespace, script, image.root, volume, ...inWorkdir], {
    env: { PATH: path, ...image.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
