/** The route of webhook nodes at other servers. Not in the OpenAPI document, because only they call it. */
import { Router, type Request, type Response } from 'express';
import { readRawBody } from '../../http/body/body';
import { methodNotAllowed } from '../../http/errors';
import { callerOf } from '../../http/limits/caller-address';
import type { RefusedKeys } from '../../http/limits/refused-keys';
import type { Services } from '../../services';
import type { CarrierServices } from '../../telephony/tools';
import { receiveHint } from './webhook';

/** Any request with a wrong token counts as one with a wrong API key. */
export function webhookRouter(
  services: CarrierServices & Pick<Services, 'secrets'>,
  refusedKeys: RefusedKeys,
): Router {
  const router = Router();
  const path = '/:provider/:configuration/:token';
  const serve = async (request: Request, response: Response): Promise<void> => {
    response.locals.route = '/telephony/webhooks/{provider}/{configuration_id}/{token}';
    const { provider = '', configuration = '', token = '' } = request.params as Record<string, string>;
    await receiveHint(services, {
      provider,
      configurationId: /^[1-9]\d{0,9}$/.test(configuration) ? Number(configuration) : 0,
      token,
      request: { header: (name) => request.get(name), body: await readRawBody(request) },
    });
    response.status(200).json({ status: 'success' });
  };
  router.post(path, (request, response) =>
    serve(request, response).catch((error: unknown) => refusedKeys.refuse(callerOf(request), error)),
  );
  router.all(path, methodNotAllowed(['POST']));
  return router;
}
