/**
 * Shows the console to who is signed in. When a session ends in the middle of the work, the sign-in opens above the screen
 * and the screen stays as it is, so that nothing in its forms is lost.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { whenSignedOut } from '../../api/http';
import { sessionKey, useSession } from '../../api/session';
import { Dialog } from '../../ui/dialog';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { SignInForm } from './sign-in-form';
import { SignInScreen } from './sign-in-screen';

export function SessionGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const session = useSession();
  const [expired, setExpired] = useState(false);
  useEffect(() => {
    whenSignedOut(() => {
      if (queries.getQueryData(sessionKey) != null) setExpired(true);
    });
  }, [queries]);
  if (session.isPending) return <Loading what="who is signed in" />;
  if (session.isError) return <Notice error={session.error} />;
  if (session.data === null) return <SignInScreen />;
  return (
    <>
      {children}
      {expired && (
        <Dialog title="Your session has ended" closable={false} onClose={() => undefined}>
          <p>Sign in again. What you typed is still here: save it after that.</p>
          <SignInForm
            email={session.data.user.email ?? ''}
            onSignedIn={() => {
              setExpired(false);
              void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
            }}
          />
        </Dialog>
      )}
    </>
  );
}
