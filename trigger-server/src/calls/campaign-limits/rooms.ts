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

export function isLaneOfCampaign(lane: string): boolean {
  return lane.startsWith(prefix);
}

function campaignOf(lane: string): number {
  return Number(lane.slice(prefix.length));
}

/** Asked once a lane. Whoever takes calls by it holds the lock of their organization. */
export class CampaignRooms {
  private readonly rooms = new Map<string, number>();
  private readonly closed = new Set<number>();

  constructor(
    private readonly session: Session,
    private readonly now: Date,
  ) {}

  /** How many calls of a lane may be placed. Infinite for the lane of a key or a user. */
  async of(lane: string): Promise<number> {
    let room = this.rooms.get(lane);
    if (room === undefined) {
      room = isLaneOfCampaign(lane) ? await this.read(campaignOf(lane)) : Infinity;
      this.rooms.set(lane, room);
    }
    return room;
  }

  /** Whether the lane has no room because its campaign is paused or outside its slots, so that no end of a call gives it any. */
  isClosed(lane: string): boolean {
    return this.closed.has(campaignOf(lane));
  }

  /** Notes that a call of the lane is placed. */
  take(lane: string): void {
    const room = this.rooms.get(lane);
    if (room !== undefined) this.rooms.set(lane, room - 1);
  }

  private async read(id: number): Promise<number> {
    const campaign = await campaignQuery.first(this.session, { id });
    const settings = campaign?.state === 'running' ? settingsOf(campaign) : null;
    if (settings === null || !isInSlot(settings.schedule_config, this.now)) {
      this.closed.add(id);
      return 0;
    }
    const { max_concurrency: most } = settings;
    return most === null ? Infinity : most - (await countUnderWay(this.session, id));
  }
}
