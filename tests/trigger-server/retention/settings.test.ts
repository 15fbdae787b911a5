/** How long an organization keeps what: the settings. */
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  account = await server.signUp();
});
afterAll(() => server.close());

const path = '/api/v1/organizations/retention';
const read = async () =>
  (await server.request.get(path).set('X-API-Key', account.apiKey).expect(200)).body as object;
const save = (body: object) =>
  server.request.put(path).set('Authorization', `Bearer ${account.token}`).send(body);

test('by default nothing is removed but the bodies of delivered events, after 30 days', async () => {
  expect(await read()).toEqual({
    runs_days: null,
    artifacts_days: null,
    event_bodies_days: 30,
    events_days: null,
  });
});

test('saved settings replace all earlier ones', async () => {
  await save({ runs_days: 365, events_days: 10 }).expect(200);
  await save({ artifacts_days: 7, event_bodies_days: null }).expect(200);
  expect(await read()).toEqual({
    runs_days: null,
    artifacts_days: 7,
    event_bodies_days: null,
    events_days: null,
  });
});

test.each([
  ['no day at all', { runs_days: 0 }, 'runs_days'],
  ['half a day', { artifacts_days: 0.5 }, 'artifacts_days'],
  ['more than a hundred years', { events_days: 36_501 }, 'events_days'],
  ['a text', { event_bodies_days: '30' }, 'event_bodies_days'],
])('%s is refused with its place, and changes nothing', async (_what, body, field) => {
  await save({ runs_days: 90 }).expect(200);
  const reply = await save(body).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', field] }] });
  expect(await read()).toMatchObject({ runs_days: 90 });
});

test('an API key cannot shorten what is kept', async () => {
  const reply = await server.request
    .put(path)
    .set('X-API-Key', account.apiKey)
    .send({ runs_days: 1 })
    .expect(403);
  expect(reply.body).toMatchObject({
    detail: "An API key cannot change how long calls are kept: sign in, and send the session's token instead",
  });
});
