/** Who is signed in. */
import type { ConsoleSession } from '@dograh-trigger/shared';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { announceSession } from './session-news';
import { api, ApiError, useCsrfToken as keepCsrfToken } from './http';

export const sessionKey = ['session'];

/** Null when nobody is signed in. */
export async function readSession(): Promise<ConsoleSession | null> {
  try {
    return keep(await api<ConsoleSession>('GET', '/console/session'));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

function keep(session: ConsoleSession): ConsoleSession {
  keepCsrfToken(session.csrf_token);
  return session;
}

/** `data` is null when nobody is signed in. */
export function useSession() {
  return useQuery({ queryKey: sessionKey, queryFn: readSession, staleTime: Infinity });
}

export interface Credentials {
  email: string;
  password: string;
}

/** A one-time link. The e-mail address and the password are for a user who has none yet. */
export interface LinkSignIn {
  token: string;
  email?: string;
  password?: string;
  name?: string;
}

export function useSignIn() {
  const queries = useQueryClient();
  async function open(path: string, body: Credentials | LinkSignIn): Promise<ConsoleSession> {
    const session = keep(await api<ConsoleSession>('POST', path, { body }));
    queries.setQueryData(sessionKey, session);
    announceSession(session.user.id);
    return session;
  }
  return {
    withPassword: (credentials: Credentials) => open('/console/session', credentials),
    withLink: (link: LinkSignIn) => open('/console/session/link', link),
    signOut: async (): Promise<void> => {
      await api('POST', '/auth/logout');
      announceSession(null);
      // The query itself stays: the screens that ask it learn of the end.
      queries.setQueryData(sessionKey, null);
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
      queries.getMutationCache().clear();
    },
  };
}
