/** Builds the console into `dist`, which the server serves at `/`. `npm run dev` serves it beside a server on port 8000. */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const shared = resolve(import.meta.dirname, '../../shared/src');

export default defineConfig({
  resolve: {
    alias: {
      // Bundled from the sources, so that a stale build of it is never used.
      '@dograh-trigger/shared': resolve(shared, 'index.ts'),
    },
  },
  build: {
    target: 'es2023',
    // A data: address for a small file would need an exception in the content security policy.
    assetsInlineLimit: 0,
    // The polyfill is an inline script in some browsers that the build does not support anyway.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Parts of `shared` that no browser needs use it: they are left out, because no screen imports them.
      external: ['node:crypto'],
      // A screen that uses one function of the client loads no schemas.
      treeshake: { moduleSideEffects: (path) => !path.startsWith(shared) },
      // `"use client"` is for frameworks that also render on a server.
      onwarn: (warning, warn) => {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
});
