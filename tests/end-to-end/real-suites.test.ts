/** Each real suite runs only its own files, in any checkout path, and announces what it installs. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { installOnce } from '../real/install-once';

const root = join(__dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** These names are also part of the path of the checkout below. */
const suites = readdirSync(join(root, 'tests/real'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

let folder: string;
let checkout: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'real-suites-')));
  checkout = join(folder, suites.join('-'), 'dograh-trigger');
  mkdirSync(checkout, { recursive: true });
  for (const path of ['package.json', 'jest.config.js', 'tests/real', 'tests/support/empty-database.ts']) {
    cpSync(join(root, path), join(checkout, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The test files that the script would run, below `tests/real`. */
async function filesOf(script: string): Promise<string[]> {
  // `test:n8n` builds, and then runs `suite:n8n`.
  const [, suite = script] = /&& npm run (suite:\S+) --$/.exec(scripts[script] ?? '') ?? [];
  const jest = /(?:^|&& )((?:node [^&]*)?jest(?:\.js|)(?: .*)?)$/.exec(scripts[suite] ?? '')?.[1];
  if (jest === undefined) throw new Error(`The script ${script} does not end with jest`);
  const { stdout } = await promisify(execFile)('sh', ['-c', `${jest} --listTests`], {
    cwd: checkout,
    env: { PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) },
  });
  const below = `${join(checkout, 'tests/real')}/`;
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((path) => path.replace(below, ''))
    .sort();
}

function filesIn(suite: string, ending: string): string[] {
  return readdirSync(join(root, 'tests/real', suite))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${suite}/${name}`)
    .sort();
}

test('in a checkout whose path contains every suite’s name, each script runs only the files of its own folder', async () => {
  const taken = Object.fromEntries(
    await Promise.all(suites.map(async (suite) => [suite, await filesOf(`test:${suite}`)] as const)),
  );
  expect(taken).toEqual(Object.fromEntries(suites.map((suite) => [suite, filesIn(suite, '.test.ts')])));
  expect(await filesOf('bench:n8n')).toEqual(filesIn('n8n', '.bench.ts'));
  expect(await filesOf('test')).toEqual([]);
});

test('a missing program is announced before its installation, with its folder and size; an installed one is not', () => {
  const said: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  const cache = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = folder;
  try {
    const install = () =>
      installOnce({ folder: 'suite/thing@1', what: 'a thing', size: '3 GB' }, (partial) => {
        expect(said).toEqual([
          `Installing a thing into ${folder}/dograh-trigger/suite/thing@1 (about 3 GB, once). This may take minutes.\n`,
        ]);
        mkdirSync(join(partial, 'inside'));
      });
    expect(readdirSync(install())).toEqual(['inside']);
    expect(readdirSync(install())).toEqual(['inside']);
    expect(said).toHaveLength(1);
  } finally {
    write.mockRestore();
    if (cache === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = cache;
  }
});
