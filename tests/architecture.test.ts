/** Guarantees about the repository itself. Which folder may import which is checked by `npm run check:boundaries`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { providerNames, type ProviderName } from '../trigger-server/src/carriers/registry';

interface Manifest {
  version: string;
  engines?: { node?: string };
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const root = join(__dirname, '..');
const packages = ['shared', 'trigger-server', 'trigger-server/console', 'n8n-node', 'zapier-app'];
const manifests = new Map(['.', ...packages].map((folder) => [folder, readManifest(folder)]));

const maximumLines = 400;
const written = new Set(['.ts', '.tsx', '.js', '.cjs', '.mjs']);
const generated = new Set([
  'node_modules',
  'dist',
  'n8n-node/types',
  'trigger-server/console/types',
  'zapier-app/types',
  'zapier-app/build',
]);

function read(...path: string[]): string {
  return readFileSync(join(root, ...path), 'utf8');
}

function readManifest(folder: string): Manifest {
  return JSON.parse(read(folder, 'package.json')) as Manifest;
}

/** Paths, from the root, of the files below `folder` that a person wrote as code. */
function codeBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (generated.has(entry.name) || generated.has(path)) return [];
    if (entry.isDirectory()) return codeBelow(path);
    return written.has(extname(entry.name)) ? [path] : [];
  });
}

/** The dependencies that npm installs for this package; a peer is installed by its user. */
function dependencies(): { manifest: string; name: string; version: string }[] {
  return [...manifests].flatMap(([folder, manifest]) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).map(([name, version]) => ({
      manifest: join(folder, 'package.json'),
      name,
      version,
    })),
  );
}

describe('files', () => {
  test(`a file has at most ${maximumLines} lines, or its first comment says why it is longer`, () => {
    const tooLong = [...packages, 'tests', '.ci'].flatMap(codeBelow).filter((path) => {
      const text = read(path);
      const firstComment = /^(?:#!.*\n)?\s*(?:\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(text)?.[0] ?? '';
      return (
        text.trimEnd().split('\n').length > maximumLines &&
        !firstComment.includes(`Longer than ${maximumLines} lines because`)
      );
    });
    expect(tooLong).toEqual([]);
  });

  test('no package silences the linter or the compiler', () => {
    const silenced = packages
      .flatMap(codeBelow)
      .filter((path) => /eslint-disable|@ts-(?:ignore|nocheck|expect-error)/.test(read(path)));
    expect(silenced).toEqual([]);
  });
});

describe('documents', () => {
  const documents = ['.', ...packages, 'tests']
    .flatMap((folder) => [join(folder, 'README.md'), join(folder, 'CONTRIBUTING.md')])
    .filter((document) => existsSync(join(root, document)));

  /** The scripts that a document tells its reader to run, as `folder: script`. */
  function commandsIn(document: string): { folder: string; script: string }[] {
    const command = /npm (?:run ([\w:-]+)|(start|test)\b)(?: (?:-w|--workspace[= ]) ?([\w-]+))?/g;
    return [...read(document).matchAll(command)].map(([, named, builtIn, workspace]) => ({
      folder: workspace ?? '.',
      script: named ?? builtIn ?? '',
    }));
  }

  test.each(documents)('every npm command in %s exists', (document) => {
    const unknown = commandsIn(document).filter(
      ({ folder, script }) => manifests.get(folder)?.scripts?.[script] === undefined,
    );
    expect(unknown).toEqual([]);
  });

  test('every file that CONTRIBUTING sends its reader to exists', () => {
    const path = new RegExp(`\`((?:\\.|(?:${[...packages, 'tests'].join('|')})/)[\\w./-]*)\``, 'g');
    const paths = [...read('CONTRIBUTING.md').matchAll(path)].map(([, found]) => found ?? '');
    expect(paths).toContain('trigger-server/src/carriers/registry.ts');
    expect(paths.filter((found) => !existsSync(join(root, found)))).toEqual([]);
  });

  test('the README says how to start the server and how to run the tests', () => {
    const scripts = commandsIn('README.md').map(({ script }) => script);
    expect(scripts).toEqual(expect.arrayContaining(['start', 'test']));
  });
});

describe('package.json files', () => {
  test('the packages and the root are released together, under one version', () => {
    const version = readManifest('.').version;
    expect([...manifests].filter(([, manifest]) => manifest.version !== version)).toEqual([]);
    const ours = dependencies().filter(({ name }) => name.startsWith('@dograh-trigger/'));
    expect(ours.filter((dependency) => dependency.version !== version)).toEqual([]);
  });

  test('every dependency is pinned to an exact version', () => {
    expect(dependencies().filter(({ version }) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  });

  test('a dependency of several packages has the same version in all of them', () => {
    const first = new Map<string, string>();
    const different = dependencies().filter(({ name, version }) => {
      if (!first.has(name)) first.set(name, version);
      return first.get(name) !== version;
    });
    expect(different).toEqual([]);
  });

  test('.nvmrc names a Node version that every engines field allows', () => {
    const [major, minor] = read('.nvmrc').trim().split('.').map(Number);
    const engines = [...manifests.values()].flatMap(({ engines }) => engines?.node ?? []);
    expect(engines).toContain(readManifest('.').engines?.node);
    for (const range of engines) {
      const [, leastMajor, leastMinor] = /^>=(\d+)\.(\d+)$/.exec(range) ?? [];
      expect(major).toBe(Number(leastMajor));
      expect(minor).toBeGreaterThanOrEqual(Number(leastMinor));
    }
  });
});

describe('folders of the server', () => {
  const source = join('trigger-server', 'src');

  function foldersBelow(folder: string): string[] {
    const inside = readdirSync(join(root, folder), { withFileTypes: true });
    return inside.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  }

  test('a folder has at most fifteen files at one level; the numbered migrations apart', () => {
    const all = foldersBelow(source).flatMap(function below(folder): string[] {
      return [folder, ...foldersBelow(folder).flatMap(below)];
    });
    const crowded = all.filter((folder) => {
      const files = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      return files.length > 15 && !folder.endsWith('migrations');
    });
    expect(crowded).toEqual([]);
  });

  test('every folder has its floor', () => {
    const floors = /const floors = \[([^\]]*)\]/.exec(read('.dependency-cruiser.cjs'))?.[1] ?? '';
    const listed = [...floors.matchAll(/'([\w-]+)'/g)].map(([, name]) => join(source, name ?? ''));
    expect(foldersBelow(source).sort()).toEqual(listed.sort());
  });
});

describe('services', () => {
  test('app.ts and compose.ts have all services; every other file names those that it takes', () => {
    const source = join('trigger-server', 'src');
    const isWhole = new Set(['app.ts', 'compose.ts', 'services.ts'].map((file) => join(source, file)));
    const greedy = codeBelow(source).filter((path) => {
      const code = read(path).replaceAll(/^import .*$/gm, '');
      return !isWhole.has(path) && /(?<!Pick<\s*)\bServices\b/.test(code);
    });
    expect(greedy).toEqual([]);
  });
});

describe('carriers', () => {
  /** The sandbox is a part of the server: it has a setting and is what the demo uses. */
  const vendors = providerNames.map(String).filter((name) => name !== 'sandbox');
  /** The server speaks Dograh's API, so every part names it. */
  const named = vendors.filter((name) => name !== 'dograh');

  test.each(named)('%s is one folder and one line in the registry: nothing else names it', (vendor) => {
    const folder = join('trigger-server', 'src', 'carriers', 'providers', vendor, '/');
    const dialects = join('trigger-server', 'src', 'carriers', 'dialects', '/');
    const registry = join('trigger-server', 'src', 'carriers', 'registry.ts');
    const word = new RegExp(`\\b${vendor}\\b|${vendor.toUpperCase()}_`, 'i');
    const naming = codeBelow(join('trigger-server', 'src')).filter((path) => {
      if (path.startsWith(folder) || path.startsWith(dialects) || path === registry) return false;
      // A dialect is named after who spoke it first.
      return word.test(read(path).replaceAll(/\/dialects\/[\w-]+\//g, ''));
    });
    expect(naming).toEqual([]);
  });

  test('every provider folder is in the registry, and the registry has no other', () => {
    const folders = readdirSync(join(root, 'trigger-server', 'src', 'carriers', 'providers'));
    expect([...providerNames].sort()).toEqual(folders.sort());
  });

  /** What one provider needs beside the names that all have. Asterisk reports by a socket, and plays what we speak. */
  const ownFiles: Partial<Record<ProviderName, string[]>> = {
    ari: ['connection', 'follower', 'orders', 'socket', 'speech', 'talk', 'talk-requests', 'talks', 'tracks'],
    dograh: ['agents', 'api', 'bounds', 'follow', 'lists', 'results', 'verification'],
    sandbox: ['callee', 'recording'],
  };

  test.each(providerNames)('the files of %s have the names that every provider’s have', (name) => {
    const common = ['index', 'configuration', 'requests', 'callbacks', 'instructions', 'statuses'];
    const allowed = [...common, ...(ownFiles[name] ?? [])].map((file) => `${file}.ts`);
    const folder = join(root, 'trigger-server', 'src', 'carriers', 'providers', name);
    const files = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
    expect(files.filter((file) => !allowed.includes(file))).toEqual([]);
  });

  test.each(providerNames)('the server’s README tells what %s needs', (name) => {
    expect(read('trigger-server', 'README.md')).toMatch(new RegExp(`^\\| \`${name}\`\\s+\\|`, 'm'));
  });

  test('every provider runs the one contract suite', () => {
    const tests = codeBelow(join('tests', 'trigger-server', 'carriers', 'providers')).map((path) =>
      read(path),
    );
    const tried = tests.flatMap(
      (text) => /telephonyProviderContract\(\{\s*name: '(\w+)'/.exec(text)?.[1] ?? [],
    );
    expect(tried.sort()).toEqual([...vendors].sort());
  });
});
