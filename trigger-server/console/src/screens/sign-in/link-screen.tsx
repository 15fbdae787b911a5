/** A sign-in link that is opened while somebody is signed in. */
import { useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import { useSession } from '../../api/session';
import { LinkButton } from '../../ui/link-button';
import { Page } from '../../ui/page';
import { UserName } from '../../ui/user-name';
import { LinkForm } from './link-form';
import { useLinkToken } from './link-token';

export default function LinkScreen() {
  const token = useLinkToken();
  const { data: session } = useSession();
  const [before] = useState(session?.user.id);
  const [, go] = useLocation();
  if (token === null || session == null) return <Redirect to="/calls" replace />;
  return (
    <Page title="Sign in by a link" actions={<LinkButton href="/calls">Stay signed in as I am</LinkButton>}>
      <p>
        You are signed in as <UserName email={session.user.email} />. The link signs in the user whom it was
        made for, in all tabs of this browser.
      </p>
      <LinkForm
        token={token}
        onSignedIn={(userId, path) => {
          // Another user must not see what the first one had on the screen.
          if (userId === before) go(path, { replace: true });
          else window.location.assign(path);
        }}
      />
    </Page>
  );
}
