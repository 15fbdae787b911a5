/** The routes that sign a browser in. They answer with the session cookie, which the page itself cannot read. */
import { consoleSession, loginRequest, signInByLinkRequest } from '@dograh-trigger/shared';
import type { FailedLogins } from '../accounts/sign-in/failed-logins';
import { deleteUsedLinkFile } from '../accounts/sign-in-link-file';
import { signInByLink } from '../accounts/sign-in-links';
import { lifetimeSeconds } from '../accounts/sign-in/tokens';
import { logIn } from '../accounts/users';
import { sessionCookie } from '../http/cookie/session-cookie';
import { route, type Route } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import { describeSession, describeSessionOf } from './session';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'log'>;

const otherOrigin = 'The request comes from a page of another origin (code cross_origin).';
const signInHeaders = {
  'Set-Cookie':
    'The session cookie: HttpOnly, SameSite=Strict, limited to /api/v1, and Secure where the server is reached by https.',
};

export function sessionRoutes(services: Needs, failedLogins: FailedLogins): Route[] {
  const setCookie = (
    input: { origin: string; setHeader(name: string, value: string): void },
    token: string,
  ) => {
    const { publicBaseUrl } = services.config;
    const cookie = sessionCookie({ origin: input.origin, publicBaseUrl }, token, lifetimeSeconds);
    input.setHeader('Set-Cookie', cookie);
    input.setHeader('Cache-Control', 'no-store');
  };
  const common = { tag: 'Console', path: '/console/session', reply: consoleSession } as const;
  return [
    route({
      ...common,
      method: 'get',
      scope: 'read',
      summary: 'Who is signed in?',
      description: 'Only on the bundled trigger server.',
      auth: 'member',
      refusals: { 400: 'The request has an API key and no session.' },
      handle: (_input, { sessionId, userId }) => {
        if (sessionId === null || userId === null) {
          throw new Problem(
            'bad_request',
            'An API key has no session: GET /api/v1/auth/me says whose key it is',
          );
        }
        return describeSession(services, { sessionId, userId });
      },
    }),
    route({
      ...common,
      method: 'post',
      summary: 'Sign a browser in with e-mail and password',
      description:
        'Answers with the session cookie. Routes for members accept it from pages of this server, where a request has neither `X-API-Key` nor `Authorization`. Only on the bundled trigger server.',
      auth: 'none',
      ownOriginOnly: true,
      body: loginRequest,
      successHeaders: signInHeaders,
      refusals: {
        401: 'The e-mail address or the password is not right.',
        403: otherOrigin,
        429: 'Too many wrong passwords, or too many log-ins at once. Retry-After says when to come again.',
      },
      handle: async (input) => {
        const { email, password } = input.body;
        const { caller, requestId } = input;
        const { token } = await logIn(services, failedLogins, { email, password, caller, requestId });
        setCookie(input, token);
        return describeSessionOf(services, token);
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/console/session/link',
      summary: 'Sign a browser in with a one-time link',
      description:
        'The link is that of the first start, or of `npm run admin -- sign-in-link`. It works once, for 15 minutes. Only on the bundled trigger server.',
      auth: 'none',
      ownOriginOnly: true,
      body: signInByLinkRequest,
      successHeaders: signInHeaders,
      refusals: {
        401: 'The link was used already, is too old, or is not complete.',
        403: otherOrigin,
        409: 'The e-mail address has an account.',
        422: 'The user has no password yet, so `email` and `password` are needed; or has one, so they are refused.',
        429: 'Too many log-ins at once. Retry-After says when to come again.',
      },
      handle: async (input) => {
        const { token: link, email = null, password = null, name = null } = input.body;
        const token = await signInByLink(services, link, { email, password, name }, input.requestId);
        await deleteUsedLinkFile(services, link);
        setCookie(input, token);
        return describeSessionOf(services, token);
      },
    }),
  ];
}
