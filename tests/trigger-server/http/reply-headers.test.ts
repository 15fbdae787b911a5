/** The security headers of this server. They are a constant list, so no request has to calculate them. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import { securityHeaders } from '../../../trigger-server/src/http/reply-headers';

test('they are those that helmet sets, without upgrade-insecure-requests', () => {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  const protect = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  protect(request, response, () => undefined);
  const kept = Object.entries(securityHeaders).map(([name, value]) => [name.toLowerCase(), value]);
  expect(Object.fromEntries(kept)).toEqual(response.getHeaders());
});
