import { n8nTransport } from '../../n8n-node/nodes/Dograh/shared/transport';
import { transportContract } from '../contracts/transport';
import { n8nContext, n8nLoadOptionsContext } from '../support/n8n-context';

const baseUrl = 'http://127.0.0.1';

// While a node executes, the only signal is that of the execution.
transportContract('n8n, in an execution', (apiKey) => (request) => {
  const context = n8nContext({ baseUrl, apiKey, parameters: {}, cancelSignal: request.signal });
  return n8nTransport(context)(request);
});

transportContract('n8n, loading a list', (apiKey) =>
  n8nTransport(n8nLoadOptionsContext({ baseUrl, apiKey })),
);
