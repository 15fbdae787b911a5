/** Asks before unsaved changes are left: by a link, by the browser's back button, or by closing the tab. */
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { guardBackButton } from '../../../ui/back-button';

export interface LeaveGuard {
  /** The address that the user wants to go to; null while nobody asks. */
  wanted: string | null;
  stay: () => void;
  leave: () => void;
}

export function useLeaveGuard(isDirty: boolean): LeaveGuard {
  const [location, go] = useLocation();
  const [wanted, setWanted] = useState<string | null>(null);
  useEffect(() => {
    if (!isDirty) return undefined;
    const here = window.location.pathname + window.location.search;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    const intercept = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
      if (link === null || opensElsewhere || link.target !== '' || link.hasAttribute('download')) return;
      if (link.origin !== window.location.origin || link.pathname === window.location.pathname) return;
      event.preventDefault();
      event.stopPropagation();
      setWanted(link.pathname + link.search);
    };
    // The address has changed already, so it is set back.
    const endGuard = guardBackButton(() => {
      if (window.location.pathname === location) return false;
      setWanted(window.location.pathname + window.location.search);
      window.history.pushState(null, '', here);
      return true;
    });
    window.addEventListener('beforeunload', warn);
    document.addEventListener('click', intercept, true);
    return () => {
      window.removeEventListener('beforeunload', warn);
      document.removeEventListener('click', intercept, true);
      endGuard();
    };
  }, [isDirty, location]);
  return {
    wanted,
    stay: () => setWanted(null),
    leave: () => {
      if (wanted !== null) go(wanted);
    },
  };
}
