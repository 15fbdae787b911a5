import { useEffect, useState } from 'react';

/** The token of `/sign-in#token=…`. It stands behind the `#`, which no browser sends to a server. */
function readToken(): string | null {
  return new URLSearchParams(window.location.hash.slice(1)).get('token');
}

/** The token of the sign-in link that is open; null when there is none. */
export function useLinkToken(): string | null {
  const [token, setToken] = useState(readToken);
  // A link that is opened while this page is already shown changes only what is behind the `#`.
  useEffect(() => {
    const read = () => {
      setToken(readToken());
    };
    window.addEventListener('hashchange', read);
    return () => {
      window.removeEventListener('hashchange', read);
    };
  }, []);
  return token;
}
