/** Serves the built console at `/`: its files, and its page at the address of every screen. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { Router, type Request, type Response } from 'express';
import { methodNotAllowed } from '../http/errors';

/** The page loads everything from this server, and contains no script or style itself. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  'report-uri /csp-reports',
].join(';');

/** The first part of the address of each screen (`console/src/app.tsx`). */
const screens = ['calls', 'campaigns', 'agents', 'telephony', 'events', 'guard', 'account', 'sign-in'];
const screenPath = new RegExp(`^/(?:${screens.join('|')})(?:/|$)`);

const headers = { 'Content-Security-Policy': policy, 'X-Frame-Options': 'DENY' };

/** Where the console's build leaves it, as seen from this file (compiled or not) and from the bundled server. */
const builtFolders = ['../../console/dist', '../console/dist'].map((path) => join(__dirname, path));

/** The folder of the built console; null when it is not built. */
export function findConsole(): string | null {
  return builtFolders.find((folder) => existsSync(join(folder, 'index.html'))) ?? null;
}

/** The compressed forms that the build leaves beside a file, by the name of their encoding; the smallest first. */
const endings = { br: '.br', gzip: '.gz' } as const;
type Encoding = keyof typeof endings;
const encodings = Object.keys(endings) as Encoding[];

interface BuiltFile {
  content: Buffer;
  compressed: Partial<Record<Encoding, Buffer>>;
}

/**
 * Reads all files, about a megabyte: a build that replaces them does not mix its files with those of this process.
 * @returns them by their path, such as `/assets/index-abc123.js`.
 */
function readFiles(folder: string): Map<string, BuiltFile> {
  const contents = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const file = join(entry.parentPath, entry.name);
    contents.set(`/${relative(folder, file).replaceAll(sep, '/')}`, readFileSync(file));
  }
  const files = new Map<string, BuiltFile>();
  for (const [path, content] of contents) {
    if (Object.values(endings).some((ending) => path.endsWith(ending))) continue;
    const compressed: BuiltFile['compressed'] = {};
    for (const encoding of encodings) compressed[encoding] = contents.get(path + endings[encoding]);
    files.set(path, { content, compressed });
  }
  return files;
}

/** Sends the smallest form that the browser accepts. */
function send(request: Request, response: Response, path: string, file: BuiltFile): void {
  const encoding = encodings.find(
    (one) => file.compressed[one] !== undefined && request.acceptsEncodings(one) === one,
  );
  // The names of assets contain a hash of their content.
  const isAsset = path.startsWith('/assets/');
  response.set({
    ...headers,
    'Cache-Control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
    Vary: 'Accept-Encoding',
    ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
  });
  response.type(extname(path)).send(encoding === undefined ? file.content : file.compressed[encoding]);
}

/** Answers GET and HEAD of the console's files. It passes on every other path. @param folder null: it is not built. */
export function consoleFiles(folder: string | null): Router {
  const router = Router();
  if (folder === null) {
    router.get('/', (_request, response) => {
      response
        .set({ ...headers, 'Cache-Control': 'no-cache' })
        .type('html')
        .send(notBuilt);
    });
  } else {
    const files = readFiles(folder);
    // Not a route of every path: Express would answer OPTIONS for each of them.
    router.use((request, response, next) => {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const isScreen = request.path === '/' || screenPath.test(request.path);
      const path = isScreen ? '/index.html' : request.path;
      const file = isRead ? files.get(path) : undefined;
      if (file === undefined) next();
      else send(request, response, path, file);
    });
  }
  router.all('/', methodNotAllowed(['GET']));
  return router;
}

const notBuilt = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Dograh Trigger</title>
  </head>
  <body>
    <h1>Dograh Trigger</h1>
    <p>The server runs, but its console is not built. Run <code>npm run build</code> in the root of the repository, with its development packages installed, and start the server again.</p>
    <p><a href="/docs">API reference</a></p>
  </body>
</html>
`;
