import { startTestServer, type TestServer } from '../../support/test-server';
import { testStatuses } from './documented';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

testStatuses(__filename, () => server, {
  'GET /health': { 200: () => ({ path: '/health' }) },
});
