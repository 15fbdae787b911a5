/** `/docs`: Swagger UI for the OpenAPI document. All of its files come from this server. */
import { dirname } from 'node:path';
import { Router } from 'express';
import { methodNotAllowed, notFound } from './errors';

/** Resolved by the package file, because importing the package would load the whole browser bundle. */
const assets = dirname(require.resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Dograh Trigger API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const start = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null });
`;

export function docsPage(): Router {
  const router = Router();
  router.get('/', (_request, response) => {
    response.type('html').send(page);
  });
  router.get('/start.js', (_request, response) => {
    response.type('js').send(start);
  });
  for (const asset of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    router.get(`/${asset}`, (_request, response) => {
      response.sendFile(asset, { root: assets });
    });
  }
  router.get('/{*path}', notFound);
  router.all('/{*path}', methodNotAllowed(['GET']));
  return router;
}
