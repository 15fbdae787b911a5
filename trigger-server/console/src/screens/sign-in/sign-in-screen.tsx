/** The first thing that a stranger sees: sign in with a password, or with the one-time link that the server printed. */
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { Page } from '../../ui/page';
import { LinkForm } from './link-form';
import { SignInForm } from './sign-in-form';
import styles from './sign-in-screen.module.css';

/** The token of `/sign-in#token=…`. It stands behind the `#`, which no browser sends to a server. */
function tokenOfLink(): string | null {
  return new URLSearchParams(window.location.hash.slice(1)).get('token');
}

export function SignInScreen() {
  const [location, go] = useLocation();
  const [token, setToken] = useState(tokenOfLink);
  // A link that is opened while this page is already shown changes only what is behind the `#`.
  useEffect(() => {
    const read = () => {
      setToken(tokenOfLink());
    };
    window.addEventListener('hashchange', read);
    return () => {
      window.removeEventListener('hashchange', read);
    };
  }, []);
  return (
    <main className={styles.screen}>
      <Page title="Dograh Trigger">
        {token === null ? (
          <>
            <SignInForm />
            <p className={styles.hint}>
              No password yet, or forgotten? Where the server runs, <code>npm run admin -- sign-in-link</code>{' '}
              prints a link that signs you in once.
            </p>
          </>
        ) : (
          <LinkForm
            token={token}
            onSignedIn={() => {
              go(location === '/sign-in' ? '/calls' : location, { replace: true });
            }}
          />
        )}
      </Page>
    </main>
  );
}
