/** The Express app with every route of the server. */
import express, { type Express } from 'express';
import { memberAuthentication, triggerAuthentication } from './accounts/authentication';
import { isCsrfToken } from './accounts/sign-in/csrf-token';
import { FailedLogins } from './accounts/sign-in/failed-logins';
import { accountRoutes } from './accounts/routes';
import { catalogueRoutes } from './agents/catalogue-routes';
import { requireAgentsOfKey } from './agents/known-agents';
import { nodeTypeRoutes } from './agents/node-type-routes';
import { definitionSchemas } from './agents/definition/schema';
import { agentRoutes } from './agents/routes';
import { campaignRoutes } from './calls/campaigns/routes';
import { campaignFileRoutes } from './calls/campaigns/source/routes';
import { requireSignInForKeys } from './calls/policy/destination-policy';
import { destinationPolicyRoutes } from './calls/policy/destination-policy-routes';
import { doNotCallFileRoutes } from './calls/policy/do-not-call/csv/routes';
import { doNotCallRoutes } from './calls/policy/do-not-call/routes';
import { auditRoutes } from './audit/routes';
import { artifactRoutes } from './artifacts/routes';
import { queueRoutes } from './calls/queue/routes';
import { triggerRoutes } from './calls/routes';
import { textChatRoutes } from './conversations/chat/routes';
import { modelConfigurationRoutes } from './conversations/model/routes';
import { cspReports } from './console/csp-reports';
import { eventRoutes } from './console/event-routes';
import { consoleFiles, findConsole } from './console/files';
import { sessionRoutes } from './console/session-routes';
import { createAdmission } from './http/access/admission';
import { docsPage } from './http/docs-page';
import { createErrorAnswers, errorHandler, methodNotAllowed, notFound } from './http/errors';
import { openApiDocument } from './http/openapi';
import { RefusedKeys } from './http/limits/refused-keys';
import { crossOrigin, setSecurityHeaders } from './http/reply-headers';
import { createRequestLimits, type RequestLimits } from './http/limits/request-limits';
import { requestLog } from './http/request/request-log';
import type { Route } from './http/route';
import { serveRoutes } from './http/serve-routes';
import { toolRoutes } from './conversations/tools/routes';
import { healthProbes } from './health/probes';
import { healthRoutes } from './health/routes';
import { metricsPage } from './http/metrics-page';
import { retentionRoutes } from './retention/routes';
import { runRoutes } from './runs/routes';
import { usageRoutes } from './usage/routes';
import type { Services } from './services';
import { callbackRouter } from './calls/carrier/callback-routes';
import { webhookRouter } from './calls/following/webhook-routes';
import { remoteRoutes } from './telephony/import/routes';
import { telephonyRoutes } from './telephony/routes';
import { version } from './version';
import { credentialRoutes } from './events/credentials/credential-routes';
import { webhookRoutes } from './events/routes';

function apiRoutes(services: Services): Route[] {
  const failedLogins = new FailedLogins();
  return [
    ...triggerRoutes(services),
    ...queueRoutes(services),
    ...runRoutes(services),
    ...usageRoutes(services),
    ...artifactRoutes(services),
    ...agentRoutes(services),
    ...nodeTypeRoutes(),
    ...catalogueRoutes(),
    ...toolRoutes(services),
    ...textChatRoutes(services),
    ...campaignRoutes(services),
    ...campaignFileRoutes(services),
    ...destinationPolicyRoutes(services),
    ...doNotCallRoutes(services),
    ...doNotCallFileRoutes(services),
    ...modelConfigurationRoutes(services),
    ...retentionRoutes(services),
    ...telephonyRoutes(services),
    ...remoteRoutes(services),
    ...webhookRoutes(services),
    ...credentialRoutes(services),
    ...accountRoutes(
      services,
      {
        mayMake: (identity) => requireSignInForKeys(services, identity),
        haveAgents: (organizationId, ids) => requireAgentsOfKey(services, organizationId, ids),
      },
      failedLogins,
    ),
    ...sessionRoutes(services, failedLogins),
    ...auditRoutes(services),
    ...eventRoutes(services),
    ...healthRoutes(services),
  ];
}

/** The OpenAPI document that the server serves, which is also committed as `openapi.json`. */
export function apiDocument(services: Services): object {
  return openApiDocument(apiRoutes(services), version, definitionSchemas());
}

/** With ROLE=worker nothing but health and metrics. */
export function createApp(services: Services): Express {
  const servesApi = services.config.role !== 'worker';
  const routes = servesApi ? apiRoutes(services) : healthRoutes(services);
  const hasExtensions = services.config.extensions.size > 0;
  const app = express();
  app.disable('x-powered-by');
  // Callers of an API do not cache replies, so computing an ETag for each would be wasted work.
  app.disable('etag');
  app.set('trust proxy', services.config.trustProxy);
  const answerError = createErrorAnswers(services.log, hasExtensions);
  const limits = createRequestLimits(services);
  const refusedKeys = new RefusedKeys(services, limits);
  const authenticators = {
    member: memberAuthentication(services),
    trigger: triggerAuthentication(services),
  };
  const admit = createAdmission({
    authenticators,
    isCsrfToken: (sessionId, given) => isCsrfToken(services, sessionId, given),
    limits,
    refusedKeys,
    publicBaseUrl: services.config.publicBaseUrl,
  });
  const noteRequest = requestLog(services.log, services.chance);
  const serveDeclared = serveRoutes('/api/v1', routes, {
    admit,
    answerError,
    judgesFields: hasExtensions,
    log: services.log,
  });
  // A single middleware, because each layer costs a request about as much as finding its route.
  app.use((request, response, next) => {
    noteRequest(request, response);
    serveDeclared(request, response, next);
  });

  app.use(setSecurityHeaders);
  app.use('/health', healthProbes(services));
  if (servesApi) servePages(app, services, { refusedKeys, limits });
  app.use('/metrics', metricsPage(services));
  app.use(notFound);
  app.use(errorHandler(answerError));
  return app;
}

/** What is not a declared route: callbacks of carriers, the document of the API, its pages, the console. */
function servePages(
  app: Express,
  services: Services,
  { refusedKeys, limits }: { refusedKeys: RefusedKeys; limits: RequestLimits },
): void {
  const api = express.Router();
  api.use(crossOrigin);
  api.use('/telephony/callbacks', callbackRouter(services, refusedKeys));
  api.use('/telephony/webhooks', webhookRouter(services, refusedKeys));
  let document: object | undefined;
  api.get('/openapi.json', (_request, response) => {
    response.json((document ??= apiDocument(services)));
  });
  api.all('/openapi.json', methodNotAllowed(['GET']));
  app.use('/api/v1', api);
  app.use('/docs', docsPage());
  app.use('/csp-reports', cspReports(services, limits));
  app.use(consoleFiles(findConsole()));
}
