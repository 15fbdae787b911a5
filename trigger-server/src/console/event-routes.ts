import { route, StreamedReply, streamedReply, type Route } from '../http/route';
import type { Services } from '../services';
import { LiveChanges } from './live-changes';

export function eventRoutes(services: Pick<Services, 'storage' | 'clock' | 'log' | 'lifecycle'>): Route[] {
  const changes = new LiveChanges(services);
  return [
    route({
      method: 'get',
      scope: 'read',
      path: '/console/events',
      tag: 'Console',
      summary: 'Changes of runs and deliveries, as server-sent events',
      description:
        'One event for each changed run (`run`: `id`, `workflow_id`, `status`, `disposition`, `reason`, `answered_at`, `completed_at`, `call_duration_seconds`, `artifacts_ready`) and each changed delivery (`delivery`: as `GET /webhook-deliveries` lists it) of the organization, within about a second. Several changes within that time are one event, with the latest state. `reset`: changes were missed, so read the lists again. Read them after the stream has opened, or a change in between is missed. A client that connects again with `Last-Event-ID` gets what it has missed, as far as the last 10,000 changes of the server reach. The server ends a stream after an hour, when its session or key ends, and when it stops. Only on the bundled trigger server.',
      auth: 'member',
      requestHeaders: {
        'Last-Event-ID': 'The id of the last event received. Browsers send it by themselves.',
      },
      streams: ['text/event-stream'],
      reply: streamedReply,
      refusals: {
        429: 'Too many streams are open: at most 20 of an organization, and 200 of a process.',
        503: 'The server is stopping.',
      },
      handle: (input, identity) => {
        const lastEventId = input.header('last-event-id') ?? null;
        const open = () => changes.open(identity, lastEventId);
        // Proxies such as nginx would otherwise hold events back.
        const headers = { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
        return Promise.resolve(new StreamedReply('text/event-stream; charset=utf-8', open, { headers }));
      },
    }),
  ];
}
