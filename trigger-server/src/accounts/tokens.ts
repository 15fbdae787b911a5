/** Session tokens: JWT, HS256, for people who manage agents without an API key. */
import jwt from 'jsonwebtoken';
import { verifyingKeys } from '../secrets';
import type { Services } from '../services';

const lifetimeSeconds = 720 * 60 * 60;

export function issueToken(services: Services, user: { id: number; email: string }): string {
  const now = Math.floor(services.clock.steady().getTime() / 1000);
  return jwt.sign(
    { sub: String(user.id), email: user.email, iat: now, exp: now + lifetimeSeconds },
    services.secrets.tokenKey,
    { algorithm: 'HS256' },
  );
}

/** The user id of a token, or null when it was not issued here or has expired. */
export function readToken(services: Services, token: string): number | null {
  for (const { tokenKey } of verifyingKeys(services.secrets)) {
    const userId = readTokenOf(tokenKey, services, token);
    if (userId !== null) return userId;
  }
  return null;
}

function readTokenOf(key: Buffer, { clock }: Services, token: string): number | null {
  try {
    const claims = jwt.verify(token, key, {
      algorithms: ['HS256'],
      clockTimestamp: Math.floor(clock.steady().getTime() / 1000),
    });
    const id = typeof claims === 'string' ? NaN : Number(claims.sub);
    return Number.isSafeInteger(id) ? id : null;
  } catch (error) {
    // A payload that is not JSON is parsed before the signature is checked, and throws as it is.
    if (error instanceof jwt.JsonWebTokenError || error instanceof SyntaxError) return null;
    throw error;
  }
}
