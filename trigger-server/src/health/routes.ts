import { health } from '@dograh-trigger/shared';
import { isSignupOpen } from '../accounts/users';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { version } from '../version';

export function healthRoutes({
  config,
  lifecycle,
  secrets,
}: Pick<Services, 'config' | 'lifecycle' | 'secrets'>): Route[] {
  return [
    route({
      method: 'get',
      path: '/health',
      tag: 'Health',
      summary: 'Is this a Dograh server, and what does it add?',
      auth: 'none',
      unlimited: true,
      reply: health,
      handle: ({ origin, caller }) =>
        Promise.resolve({
          status: lifecycle.damage === null ? 'ok' : 'database damaged',
          version,
          backend_api_endpoint: config.publicBaseUrl ?? origin,
          tunnel_url: null,
          deployment_mode: 'oss',
          auth_provider: 'local',
          turn_enabled: false,
          force_turn_relay: false,
          signup_enabled: isSignupOpen(config, caller),
          stack_project_id: null,
          stack_publishable_client_key: null,
          ...(config.extensions.size === 0
            ? {}
            : { extensions: [...config.extensions], server_id: secrets.serverId }),
        }),
    }),
  ];
}
