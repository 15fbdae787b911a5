/** GET /organizations/users */
import { createAccount } from '../../../trigger-server/src/accounts/organizations';
import { startTestServer, type TestServer } from '../../support/test-server';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ SIGNUP_ENABLED: 'true' });
});
afterAll(() => server.close());

test('lists the users of the organization, without their passwords and without those of others', async () => {
  await server.signUp();
  const jane = { email: 'jane@example.com', password: 'correct horse', name: 'Jane' };
  const signedUp = await server.request.post('/api/v1/auth/signup').send(jane).expect(200);
  const { token, user } = signedUp.body as { token: string; user: { id: number } };
  const listed = await server.request
    .get('/api/v1/organizations/users')
    .set('Authorization', `Bearer ${token}`)
    .expect(200);
  expect(listed.body).toEqual([
    {
      id: user.id,
      email: 'jane@example.com',
      name: 'Jane',
      created_at: server.clock.now().toISOString(),
      has_password: true,
    },
  ]);
});

test('a user who cannot log in, such as that of the demo, has no password', async () => {
  const owner = await server.signUp();
  const { organizationId } = await server.services.storage.write((session) =>
    createAccount(server.services, session, { email: 'demo@example.com', passwordHash: null, name: null }),
  );
  await server.services.storage.write((session) =>
    session.run(
      session.builder
        .updateTable('users')
        .set({ organization_id: owner.organizationId })
        .where('organization_id', '=', organizationId)
        .compile(),
    ),
  );
  const listed = await server.request
    .get('/api/v1/organizations/users')
    .set('X-API-Key', owner.apiKey)
    .expect(200);
  expect(listed.body).toMatchObject([{ has_password: true }, { has_password: false }]);
});
