/** A signed-in browser: sends the session cookie and the headers that a browser adds to requests of its own page. */
import type { TestServer } from './test-server';

export interface BrowserSession {
  /** `name=value` */
  cookie: string;
  csrfToken: string;
  /** The headers of a request of the console's page. */
  headers: Record<string, string>;
}

export const ofOwnPage = { 'Sec-Fetch-Site': 'same-origin' };

/** Of every account of `TestServer.signUp`. */
export const usualPassword = 'correct horse';

/** Signs in with the password of an account of `TestServer.signUp`. */
export async function signInBrowser(server: TestServer, email: string): Promise<BrowserSession> {
  const reply = await server.request
    .post('/api/v1/console/session')
    .set(ofOwnPage)
    .send({ email, password: usualPassword })
    .expect(200);
  const cookie = cookieOf(reply);
  const csrfToken = (reply.body as { csrf_token: string }).csrf_token;
  return { cookie, csrfToken, headers: { ...ofOwnPage, Cookie: cookie, 'X-CSRF-Token': csrfToken } };
}

/** The cookie that a reply sets, as a browser sends it. */
export function cookieOf(reply: Reply): string {
  return setCookieOf(reply).split(';')[0] ?? '';
}

/** The header `Set-Cookie` of a reply. */
export function setCookieOf({ headers }: Reply): string {
  const [cookie = ''] = headers['set-cookie'] as string[];
  return cookie;
}

interface Reply {
  headers: Record<string, unknown>;
}

/** The e-mail address of an account. */
export async function emailOf(server: TestServer, apiKey: string): Promise<string> {
  const reply = await server.request.get('/api/v1/auth/me').set('X-API-Key', apiKey).expect(200);
  return (reply.body as { email: string }).email;
}
