/** Session tokens in Dograh's form: JWT, HS256. `jti` names the session (`sessions.ts`). */
import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { verifyingKeys } from '../../secrets';
import type { Services } from '../../services';

/** The lifetime of Dograh's tokens. Even a session in use ends with its token. */
export const lifetimeSeconds = 720 * 60 * 60;

export interface TokenClaims {
  userId: number;
  sessionId: string;
}

export function issueToken(
  services: Pick<Services, 'clock' | 'secrets'>,
  user: { id: number; email: string },
  sessionId: string,
): string {
  const now = Math.floor(services.clock.steady().getTime() / 1000);
  return jwt.sign(
    { sub: String(user.id), email: user.email, iat: now, exp: now + lifetimeSeconds, jti: sessionId },
    secretKey(services.secrets.tokenKey),
    { algorithm: 'HS256' },
  );
}

/** The claims of a token; null when it was not issued here or has expired. */
export function readToken(services: Pick<Services, 'clock' | 'secrets'>, token: string): TokenClaims | null {
  for (const { tokenKey } of verifyingKeys(services.secrets)) {
    const claims = readTokenOf(tokenKey, services, token);
    if (claims !== null) return claims;
  }
  return null;
}

function readTokenOf(key: Buffer, { clock }: Pick<Services, 'clock'>, token: string): TokenClaims | null {
  try {
    const claims = jwt.verify(token, secretKey(key), {
      algorithms: ['HS256'],
      clockTimestamp: Math.floor(clock.steady().getTime() / 1000),
    });
    if (typeof claims === 'string' || typeof claims.jti !== 'string') return null;
    const userId = Number(claims.sub);
    return Number.isSafeInteger(userId) ? { userId, sessionId: claims.jti } : null;
  } catch (error) {
    // jsonwebtoken parses the payload before it checks the signature, and lets the SyntaxError of invalid JSON through.
    if (error instanceof jwt.JsonWebTokenError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Given plain bytes, jsonwebtoken would first try to parse a private key, which takes a millisecond and fails. */
const secretKey = (bytes: Buffer) => createSecretKey(bytes);
