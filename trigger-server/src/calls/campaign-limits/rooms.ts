/** How many calls of a campaign may be placed now, by its state, its slots of the week and its concurrency. */
import { countUnderWay } from '../../runs/of-campaign/campaign-runs';
import type { Session } from '../../storage/port';
import { settingsOf } from '../campaign-state/settings';
import { campaignQuery } from '../campaign-state/store';
import { isInSlot } from './weekly-slots';

const prefix = 'campaign ';

/** The lane of the queue that the calls of a campaign wait in. */
export function laneOfCampaign(id: number): string {
  return `${prefix}${String(id)}`;
}

/** Asked once a lane. Whoever takes calls by it holds the lock of their organization. */
export class CampaignRooms {
  private readonly rooms = new Map<string, number>();

  constructor(
    private readonly session: Session,
    private readonly now: Date,
  ) {}

  /** How many calls of a lane may be placed. Infinite for the lane of a key or a user. */
  async of(lane: string): Promise<number> {
    let room = this.rooms.get(lane);
    if (room === undefined) {
      room = lane.startsWith(prefix) ? await this.read(Number(lane.slice(prefix.length))) : Infinity;
      this.rooms.set(lane, room);
    }
    return room;
  }

  /** Notes that a call of the lane is placed. */
  take(lane: string): void {
    const room = this.rooms.get(lane);
    if (room !== undefined) this.rooms.set(lane, room - 1);
  }

  private async read(id: number): Promise<number> {
    const campaign = await campaignQuery.first(this.session, { id });
    if (campaign?.state !== 'running') return 0;
    const { schedule_config: schedule, max_concurrency: most } = settingsOf(campaign);
    if (!isInSlot(schedule, this.now)) return 0;
    return most === null ? Infinity : most - (await countUnderWay(this.session, id));
  }
}
