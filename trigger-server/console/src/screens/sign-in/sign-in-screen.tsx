/** The first thing that a stranger sees: sign in with a password, or with the one-time link that the server printed. */
import { useLocation } from 'wouter';
import { Page } from '../../ui/page';
import { LinkForm } from './link-form';
import { useLinkToken } from './link-token';
import { SignInForm } from './sign-in-form';
import styles from './sign-in-screen.module.css';

export function SignInScreen() {
  const [location, go] = useLocation();
  const token = useLinkToken();
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
            onSignedIn={(_userId, path) => {
              go(location === '/sign-in' ? path : location, { replace: true });
            }}
          />
        )}
      </Page>
    </main>
  );
}
