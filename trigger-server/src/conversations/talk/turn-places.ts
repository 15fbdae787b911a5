/** The turns of conversations that this process computes at once. A turn waits for a model of its tenant for most of its time. */

/** Of all organizations together. Each one has a few in any case. */
const mostTurns = 1000;
const reservedTurns = 10;

export class TurnPlaces {
  private total = 0;
  private readonly byOrganization = new Map<number, number>();

  /**
   * Does this work if there is room. An organization may take half of the places that are free, so that the turns of one
   * whose model stalls never stop another's.
   * @returns null if there is none.
   */
  async run<Result>(organizationId: number, work: () => Promise<Result>): Promise<Result | null> {
    const own = this.byOrganization.get(organizationId) ?? 0;
    if (own >= Math.max(reservedTurns, (mostTurns - this.total) / 2)) return null;
    this.count(organizationId, 1);
    try {
      return await work();
    } finally {
      this.count(organizationId, -1);
    }
  }

  private count(organizationId: number, change: 1 | -1): void {
    this.total += change;
    const own = (this.byOrganization.get(organizationId) ?? 0) + change;
    if (own === 0) this.byOrganization.delete(organizationId);
    else this.byOrganization.set(organizationId, own);
  }
}
