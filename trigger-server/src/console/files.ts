/** Serves the built console at `/`: its files, and its page at the address of every screen. */
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import express, { Router } from 'express';
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
const screens = ['calls', 'agents', 'telephony', 'events', 'guard', 'account', 'sign-in'];
const screenPath = new RegExp(`^/(?:${screens.join('|')})(?:/|$)`);

const headers = { 'Content-Security-Policy': policy, 'X-Frame-Options': 'DENY' };

/** Where the console's build leaves it, as seen from this file (compiled or not) and from the bundled server. */
const builtFolders = ['../../console/dist', '../console/dist'].map((path) => join(__dirname, path));

/** The folder of the built console; null when it is not built. */
export function findConsole(): string | null {
  return builtFolders.find((folder) => existsSync(join(folder, 'index.html'))) ?? null;
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
    // The names of assets contain a hash of their content.
    const assets = join(folder, 'assets') + sep;
    router.use(
      express.static(folder, {
        cacheControl: false,
        redirect: false,
        setHeaders(response, path) {
          response.set(headers);
          const isAsset = path.startsWith(assets);
          response.set('Cache-Control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
        },
      }),
    );
    router.get(screenPath, (_request, response) => {
      response
        .set({ ...headers, 'Cache-Control': 'no-cache' })
        .sendFile('index.html', { root: folder, cacheControl: false });
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
