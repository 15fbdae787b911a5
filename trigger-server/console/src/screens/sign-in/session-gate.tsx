/**
 * Shows the console to who is signed in. When a session ends in the middle of the work, also by another tab, the sign-in
 * opens and the screen is hidden. It stays as it is, so that nothing in its forms is lost.
 */
import type { ConsoleSession } from '@dograh-trigger/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { whenSignedOut, whenTokenRefused } from '../../api/http';
import { readSession, sessionKey, useSession } from '../../api/session';
import { onSessionElsewhere } from '../../api/session-news';
import { Dialog } from '../../ui/dialog';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { SignInForm } from './sign-in-form';
import { SignInScreen } from './sign-in-screen';

export function SessionGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const session = useSession();
  const [expired, setExpired] = useState(false);
  const resume = useCallback(() => {
    setExpired(false);
    void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
  }, [queries]);
  useEffect(() => {
    const known = () => queries.getQueryData<ConsoleSession>(sessionKey)?.user.id;
    const end = () => {
      if (known() !== undefined) setExpired(true);
    };
    async function renew(): Promise<boolean> {
      const before = known();
      const now = await readSession();
      if (now !== null) queries.setQueryData(sessionKey, now);
      return before === undefined || isSameUser(before, now);
    }
    async function follow(userId: number | null): Promise<void> {
      if (userId === null) end();
      else if (await renew()) resume();
    }
    whenSignedOut(end);
    whenTokenRefused(renew);
    return onSessionElsewhere((userId) => {
      // When the session cannot be read, the next request of this tab says why.
      follow(userId).catch(() => undefined);
    });
  }, [queries, resume]);
  if (session.isPending) return <Loading what="who is signed in" />;
  if (session.isError) return <Notice error={session.error} />;
  if (session.data === null) return <SignInScreen />;
  return (
    <>
      <div hidden={expired}>{children}</div>
      {expired && (
        <Dialog title="Your session has ended" closable={false} onClose={() => undefined}>
          <p>Sign in again. What you typed is still here: save it after that.</p>
          <SignInForm
            email={session.data.user.email}
            onSignedIn={() => {
              if (isSameUser(session.data?.user.id, queries.getQueryData(sessionKey))) resume();
            }}
          />
        </Dialog>
      )}
    </>
  );
}

/** Another user must not see what the first one had on the screen: then the console begins anew. */
function isSameUser(before: number | undefined, now: ConsoleSession | null | undefined): boolean {
  if (now != null && now.user.id !== before) window.location.assign('/calls');
  return now?.user.id === before;
}
