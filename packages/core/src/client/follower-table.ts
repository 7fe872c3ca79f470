import type { ResultFollower } from './result-follower.js';

/** After so many additions, or twice as many as there are followers, the table is made anew. */
const fewestAdditions = 1000;

/** Those who follow ids; most ids have one follower, for a moment. */
export class FollowerTable {
  /** The only follower of an id stands here itself. */
  private byId = new Map<string, ResultFollower | ResultFollower[]>();
  private additions = 0;

  /** Number of ids. */
  get size(): number {
    return this.byId.size;
  }

  add(follower: ResultFollower): void {
    this.renew();
    const present = this.byId.get(follower.taskId);
    if (present === undefined) this.byId.set(follower.taskId, follower);
    else if (Array.isArray(present)) present.push(follower);
    else this.byId.set(follower.taskId, [present, follower]);
  }

  /** @returns whether it was the last one of its id */
  remove(follower: ResultFollower): boolean {
    const present = this.byId.get(follower.taskId);
    if (Array.isArray(present)) {
      const at = present.indexOf(follower);
      if (at !== -1) present.splice(at, 1);
      if (present.length > 0) return false;
    } else if (present !== follower) {
      return false;
    }
    return this.byId.delete(follower.taskId);
  }

  has(follower: ResultFollower): boolean {
    const present = this.byId.get(follower.taskId);
    return present === follower || (Array.isArray(present) && present.includes(follower));
  }

  follows(taskId: string): boolean {
    return this.byId.has(taskId);
  }

  /** A copy where there are several, since those who have what they want leave while they are told. */
  of(taskId: string): ResultFollower | ResultFollower[] | undefined {
    const present = this.byId.get(taskId);
    return Array.isArray(present) ? present.slice() : present;
  }

  /** Takes all out. */
  takeAll(): readonly ResultFollower[] {
    const all = [...this.byId.values()].flat();
    this.byId.clear();
    return all;
  }

  /**
   * V8 replaces the storage of a Map again and again while entries come and go, and each that was replaced points to the next one.
   * Once one of them is old, none of them, nor what was in them, dies young any more; a Map of its own ends the chain.
   */
  private renew(): void {
    this.additions += 1;
    if (this.additions < fewestAdditions || this.additions < this.byId.size * 2) return;
    this.additions = 0;
    this.byId = new Map(this.byId);
  }
}
