/** The frame around every screen: the menu and the place of the screen. */
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useSession } from '../api/session';
import styles from './frame.module.css';

const sections = [
  { path: '/calls', name: 'Calls' },
  { path: '/campaigns', name: 'Campaigns' },
  { path: '/agents', name: 'Agents' },
  { path: '/telephony', name: 'Telephony' },
  { path: '/events', name: 'Events' },
  { path: '/guard', name: 'Guard and keys' },
];

export function Frame({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const { data: session } = useSession();
  const isHere = (path: string) => location === path || location.startsWith(`${path}/`);
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#screen">
        Skip to the screen
      </a>
      <header className={styles.bar}>
        <Link href="/calls" className={styles.name}>
          <img src="/icon.svg" alt="" width="24" height="24" />
          Dograh Trigger
        </Link>
        <nav className={styles.menu} aria-label="Screens">
          {sections.map(({ path, name }) => (
            <Link key={path} href={path} aria-current={isHere(path) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <Link
          href="/account"
          className={styles.account}
          aria-current={isHere('/account') ? 'page' : undefined}
          title={session?.user.email ?? undefined}
        >
          Account
        </Link>
      </header>
      <main id="screen" tabIndex={-1} className={styles.screen}>
        {children}
      </main>
    </div>
  );
}
