/** A clock for what changes by itself, such as for how long a phone has been ringing. */
import { useEffect, useState } from 'react';

/** @param runs whether it ticks, once a second. @returns milliseconds since 1970. */
export function useNow(runs: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!runs) return undefined;
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, [runs]);
  return now;
}
