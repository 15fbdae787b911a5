import { rejectionOf } from '../../support/caught';
import { type Answer, baseUrl, broken, json, scriptedClient, text } from '../../support/scripted-client';

describe('reads', () => {
  const agents = json(200, []);

  test.each<[string, Answer]>([
    ['a broken connection', broken('ECONNRESET')],
    ['502', text(502, '<html>')],
    ['503', json(503, { detail: 'x' })],
    ['504', text(504, '')],
  ])('are repeated after %s, at most twice', async (_, answer) => {
    const recovered = scriptedClient([answer, answer, agents]);
    expect(await recovered.client.listAgents()).toEqual([]);
    expect(recovered.pauses).toEqual([1, 2]);

    const lost = scriptedClient([answer, answer, answer]);
    await rejectionOf(lost.client.listAgents());
    expect(lost.requests).toHaveLength(3);
  });

  test('wait as long as the Retry-After of a draining server says', async () => {
    const draining = json(503, { detail: 'Shutting down' }, { 'retry-after': '5' });
    const { client, pauses } = scriptedClient([draining, agents]);
    await client.listAgents();
    expect(pauses).toEqual([5]);
  });

  test.each([400, 401, 403, 404, 422, 429, 500])('are not repeated after %i', async (status) => {
    const { client, requests } = scriptedClient([json(status, { detail: 'x' })]);
    expect((await rejectionOf(client.listAgents())).status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('end with canceled when the signal is aborted, even during a request', async () => {
    const controller = new AbortController();
    const { client, requests, pauses } = scriptedClient([
      () => {
        controller.abort();
        throw new Error('aborted');
      },
    ]);
    const { signal } = controller;
    expect(await rejectionOf(client.getRun(12, { signal }))).toMatchObject({ code: 'canceled', runId: 12 });
    expect(await rejectionOf(client.listAgents({ signal }))).toMatchObject({ code: 'canceled' });
    expect(requests).toHaveLength(1);
    expect(pauses).toEqual([]);
  });

  test('have a timeout and no body', async () => {
    const { client, requests } = scriptedClient([agents], { requestTimeoutSeconds: 9 });
    await client.listAgents();
    expect(requests[0]).toMatchObject({
      method: 'GET',
      timeoutSeconds: 9,
      headers: { accept: 'application/json' },
    });
    expect(requests[0]?.body).toBeUndefined();
  });

  test('an error contains the address without its query', async () => {
    const { client } = scriptedClient([text(200, '<html>')]);
    const { exchange } = await rejectionOf(client.listAgents());
    expect(exchange).toBe(`GET ${baseUrl}/api/v1/workflow/fetch answered 200.`);
  });
});

describe('agents', () => {
  const created_at = '2026-08-22T03:04:05Z';
  const listed = (id: number, name: string, workflow_uuid: string | null) => ({
    id,
    name,
    status: 'active',
    created_at,
    workflow_uuid,
  });

  test('are sorted by name; an agent without a UUID cannot be called and is left out', async () => {
    const { client, calls } = scriptedClient([
      json(200, [
        listed(4, 'élan', 'u4'),
        listed(1, 'zebra', 'u1'),
        listed(3, 'Ant', 'u3'),
        listed(2, 'Ant', 'u2'),
        listed(5, 'x', null),
      ]),
    ]);
    expect(await client.listAgents()).toEqual([
      { id: 2, uuid: 'u2', name: 'Ant' },
      { id: 3, uuid: 'u3', name: 'Ant' },
      { id: 4, uuid: 'u4', name: 'élan' },
      { id: 1, uuid: 'u1', name: 'zebra' },
    ]);
    expect(calls()).toEqual(['GET /workflow/fetch?status=active']);
  });

  const definition = (triggerPath: string | null, prompt: string) => ({
    nodes: [
      { id: '1', type: 'startCall', position: { x: 0, y: 0 }, data: { name: 'Start', prompt } },
      ...(triggerPath === null
        ? []
        : [
            {
              id: '2',
              type: 'trigger',
              position: { x: 0, y: 0 },
              data: { name: 'API', trigger_path: triggerPath },
            },
          ]),
    ],
    edges: [],
  });
  const fetched = (version_status: string | null, workflow_definition: object) =>
    json(200, { ...listed(7, 'Support', 'u7'), workflow_definition, version_status });
  const versions = (...items: [string, object][]) =>
    json(
      200,
      items.map(([status, workflow_json], index) => ({
        id: index,
        version_number: 9 - index,
        status,
        workflow_json,
      })),
    );

  test('with a draft: production is the published version, test the draft, and the variables of both are listed', async () => {
    const { client, calls } = scriptedClient([
      fetched('draft', definition('new-path', '{{name}} {{added | x}}')),
      versions(
        ['draft', definition('new-path', '{{name}} {{added | x}}')],
        ['published', definition('live-path', '{{name}} {{old}}')],
        ['archived', definition('ancient', '{{ancient}}')],
      ),
    ]);
    expect(await client.getAgent(7)).toEqual({
      id: 7,
      uuid: 'u7',
      name: 'Support',
      versionStatus: 'draft',
      productionTriggerUuid: 'live-path',
      testTriggerUuid: 'new-path',
      variables: [
        { name: 'name', fallback: null },
        { name: 'old', fallback: null },
        { name: 'added', fallback: 'x' },
      ],
      extractionVariables: [],
    });
    expect(calls()).toEqual(['GET /workflow/fetch/7', 'GET /workflow/7/versions?limit=10']);
  });

  test('without a draft: one request is enough', async () => {
    const { client, calls } = scriptedClient([fetched('published', definition('live-path', '{{name}}'))]);
    expect(await client.getAgent(7)).toMatchObject({
      productionTriggerUuid: 'live-path',
      testTriggerUuid: 'live-path',
      variables: [{ name: 'name', fallback: null }],
    });
    expect(calls()).toEqual(['GET /workflow/fetch/7']);
  });

  test('never published, or without a trigger node: the trigger UUIDs are null', async () => {
    const unpublished = scriptedClient([
      fetched('draft', definition('new-path', '')),
      versions(['draft', definition('new-path', '')]),
    ]);
    expect(await unpublished.client.getAgent(7)).toMatchObject({
      productionTriggerUuid: null,
      testTriggerUuid: 'new-path',
    });
    const withoutTrigger = scriptedClient([fetched('published', definition(null, ''))]);
    expect(await withoutTrigger.client.getAgent(7)).toMatchObject({
      productionTriggerUuid: null,
      testTriggerUuid: null,
    });
  });

  test.each([NaN, -1, 1.5, Infinity])('the id %d is refused without a request', async (id) => {
    const { client, requests } = scriptedClient([]);
    expect((await rejectionOf(client.getAgent(id))).code).toBe('invalid_input');
    expect((await rejectionOf(client.getRun(id))).code).toBe('invalid_input');
    expect((await rejectionOf(client.listPhoneNumbers(id))).code).toBe('invalid_input');
    expect(requests).toEqual([]);
  });
});

describe('telephony', () => {
  const times = { created_at: '2026-08-22T03:04:05Z', updated_at: '2026-08-22T03:04:05Z' };

  test('configurations and their numbers are returned as plain lists, with the API’s keys', async () => {
    const configuration = { id: 5, name: 'Main', provider: 'sandbox', is_default_outbound: true, ...times };
    const number = {
      id: 6,
      telephony_configuration_id: 5,
      address: '+14155550100',
      address_normalized: '+14155550100',
      address_type: 'pstn',
      is_active: true,
      is_default_caller_id: false,
      ...times,
    };
    const { client, calls } = scriptedClient([
      json(200, { configurations: [configuration] }),
      json(200, { phone_numbers: [number] }),
    ]);
    expect(await client.listTelephonyConfigurations()).toEqual([configuration]);
    expect(await client.listPhoneNumbers(5)).toEqual([number]);
    expect(calls()).toEqual([
      'GET /organizations/telephony-configs',
      'GET /organizations/telephony-configs/5/phone-numbers',
    ]);
  });
});
