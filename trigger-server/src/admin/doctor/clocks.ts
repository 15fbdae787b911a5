/** Whether two clocks agree. Signed reports of carriers and of this server are valid for minutes only. */

/** In milliseconds. */
export const allowedDrift = 2000;

/** @param drift by how many milliseconds this machine's clock is ahead. @param whose the other clock. */
export function wrongClock(drift: number, allowed: number, whose: string): string[] {
  if (Math.abs(drift) <= allowed) return [];
  const seconds = String(Math.round(Math.abs(drift) / 1000));
  return [
    `the clock of this machine is ${seconds} s ${drift > 0 ? 'ahead of' : 'behind'} ${whose}. Let NTP set both (timedatectl set-ntp true).`,
  ];
}
