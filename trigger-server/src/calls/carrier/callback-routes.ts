/** The route of every carrier's callbacks. Not in the OpenAPI document, because only carriers call it. */
import { Router, type Request, type Response } from 'express';
import type { TalkServices } from '../../conversations/talk/talk-services';
import { readRawBody } from '../../http/body/body';
import { callerOf } from '../../http/limits/caller-address';
import { methodNotAllowed } from '../../http/errors';
import type { RefusedKeys } from '../../http/limits/refused-keys';
import { sandboxPolicy } from '../../http/reply-headers';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { CarrierServices } from '../../telephony/tools';
import { receiveCallback } from './callbacks';
import { readCallName } from '../../carriers/port/call-name';
import { callbackPurposes, type CallbackPurpose } from '../../carriers/port/purpose';

type Needs = CarrierServices & TalkServices & Pick<Services, 'deliveryAlarm' | 'turnPlaces'>;

/** Authenticated callbacks have no rate limit. Any other request counts as one with a wrong API key. */
export function callbackRouter(services: Needs, refusedKeys: RefusedKeys): Router {
  const router = Router();
  const path = '/:provider/:purpose/:call/:turn/:token';
  const serve = async (request: Request, response: Response): Promise<void> => {
    response.locals.route = '/telephony/callbacks/{provider}/{purpose}/{run_id}/{turn}/{token}';
    const {
      provider = '',
      purpose = '',
      call: name = '',
      turn = '',
      token = '',
    } = request.params as Record<string, string>;
    const call = readCallName(name);
    if (!isPurpose(purpose) || call === null || !/^(?:0|[1-9]\d{0,3})$/.test(turn)) {
      throw new Problem('unauthenticated', 'Invalid webhook signature');
    }
    response.locals.runId = call.runId;
    const document = await receiveCallback(services, {
      provider,
      ...call,
      turn: Number(turn),
      token,
      request: {
        method: request.method === 'GET' ? 'GET' : 'POST',
        purpose,
        // The carrier's signature covers the public address, which a request behind a TLS proxy does not contain.
        url: `${services.config.publicBaseUrl ?? ''}${request.originalUrl}`,
        header: (name) => request.get(name),
        // The signature covers the raw bytes.
        body: await readRawBody(request),
        receivedAt: services.clock.now(),
        receivedSteadyAt: services.clock.steady(),
      },
    });
    if (document === null) response.status(200).json({ status: 'success' });
    else {
      response
        .status(200)
        .set('Content-Security-Policy', sandboxPolicy)
        .type(document.contentType)
        .send(document.body);
    }
  };
  const serveOrRefuse = (request: Request, response: Response): Promise<void> =>
    serve(request, response).catch((error: unknown) => refusedKeys.refuse(callerOf(request), error));
  router.post(path, serveOrRefuse);
  router.get(path, serveOrRefuse);
  router.all(path, methodNotAllowed(['GET', 'POST']));
  return router;
}

/** A relay is opened by an upgrade (`relay/endpoint.ts`), never by a request. */
function isPurpose(text: string): text is CallbackPurpose {
  return text !== 'relay' && (callbackPurposes as readonly string[]).includes(text);
}
