/** When a campaign calls: the slots of a week, on the wall clock of its time zone. */
import type { CampaignSchedule } from '@dograh-trigger/shared';
import { spanAt } from '../policy/zone-offsets';

const minutesPerDay = 24 * 60;
/** The first day of 1970 was a Thursday. Days are counted from Monday. */
const firstWeekday = 3;

/** @param schedule null: at any time. */
export function isInSlot(schedule: CampaignSchedule | null, at: Date): boolean {
  if (schedule?.enabled !== true) return true;
  const minute = Math.floor(at.getTime() / 60_000);
  const local = minute + spanAt(schedule.timezone, minute).offset;
  const day = (Math.floor(local / minutesPerDay) + firstWeekday) % 7;
  const ofDay = local % minutesPerDay;
  return schedule.slots.some(
    (slot) =>
      slot.day_of_week === day && minuteOf(slot.start_time) <= ofDay && ofDay < minuteOf(slot.end_time),
  );
}

/** @param time `09:30`. */
function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
