import type { Timer } from '../clock/clock.js';
import type { Deadline } from '../clock/deadline.js';
import { TimeHeap } from '../clock/time-heap.js';
import { TICK_FAILED } from '../errors/schedule-errors.js';
import type { EventHub } from '../events/event-hub.js';
import type { Lease, Ledger } from '../ports/ledger.js';
import type { Stores } from '../stores/stores.js';
import type { Leadership } from './leadership.js';
import { RunningTasks } from './running-tasks.js';
import { ripeTicks } from './ripe-ticks.js';
import { allRecords, type BookEntry } from './schedule-book.js';
import { type RecordKinds, readRun, type RunRecord } from './schedule-record.js';
import { beginsAnew } from './set-back.js';
import { jitterOf, tickId } from './tick-id.js';
import { isPassing, type OutgoingTick, type TickResult, type TickSender } from './tick-sender.js';

export interface TickerParts {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly events: EventHub;
  readonly kinds: RecordKinds;
  readonly sender: TickSender;
  readonly leadership: () => Leadership;
  /** Id of the run record of a schedule. */
  readonly runIdOf: (schedule: string) => string;
  /** Whether a schedule is one of this ticker. */
  readonly takes: (entry: BookEntry) => boolean;
}

/** A schedule at work. */
interface Line {
  readonly entry: BookEntry;
  /** Under which it was begun. */
  readonly lease: Lease;
  readonly runId: string;
  run: RunRecord | undefined;
  /** From when intervals are counted. */
  fromMs: number;
  /** Ticks until here have been dealt with. */
  untilMs: number;
  /** Being sent. */
  busy: boolean;
  /** Its last task has ended while it was busy. */
  ended: boolean;
  /** When it is looked at next; another time in the heap is an old one. */
  wakeMs: number | undefined;
}

/** Ticks on their way at once. */
const mostInFlight = 256;
const retryMs = 500;
/** Steps of the calendar below this are left to themselves: NTP moves clocks by as much. */
const stepMs = 1000;

/** Sends the ticks of the schedules that it is given, while it has a lease. Sleeps until the next one. */
export class Ticker {
  private readonly lines = new Map<string, Line>();
  private readonly heap = new TimeHeap<Line>();
  private readonly waiting: Line[] = [];
  private readonly inFlight = new Set<Promise<void>>();
  private readonly running: RunningTasks;
  private timer: Timer | undefined;
  private lease: Lease | undefined;
  /** Raised by each beginning and end. */
  private generation = 0;
  /** The calendar less the monotonic clock, when it was looked at last. */
  private calendar = 0;

  constructor(private readonly parts: TickerParts) {
    this.running = new RunningTasks(parts.stores, (schedule) => this.look(schedule));
  }

  /** Begins with a new lease: what was missed, by the rule of each schedule, then what is due. */
  async lead(lease: Lease, entries: () => Iterable<BookEntry>): Promise<void> {
    this.rest();
    const { generation } = this;
    const { stores, ledger, kinds } = this.parts;
    const runs = new Map<string, RunRecord | undefined>();
    for await (const { id, value } of allRecords(stores, ledger, kinds.runs)) runs.set(id, readRun(value));
    if (this.generation !== generation) return;
    this.lease = lease;
    this.calendar = this.calendarOffset();
    for (const entry of entries()) this.begin(entry, lease, runs.get(this.parts.runIdOf(entry.name)));
    this.arm();
  }

  /** Ends; what is on its way is not waited for. */
  rest(): void {
    this.lease = undefined;
    this.generation += 1;
    this.timer?.cancel();
    this.timer = undefined;
    this.lines.clear();
    this.heap.clear();
    this.waiting.length = 0;
    this.running.clear();
  }

  /** Ends, and waits for what is on its way until the deadline. */
  async stop(deadline: Deadline): Promise<void> {
    this.rest();
    await deadline.within(Promise.all(this.inFlight));
    this.running.close();
  }

  change(changed: readonly BookEntry[], gone: readonly string[]): void {
    const { lease } = this;
    if (lease === undefined) return;
    for (const name of gone) this.lines.delete(name);
    for (const entry of changed) this.begin(entry, lease, this.lines.get(entry.name)?.run);
    this.arm();
  }

  /** Looks whether the calendar was set forward or back, and if so at all schedules anew. */
  checkCalendar(): void {
    if (this.lease === undefined) return;
    const offset = this.calendarOffset();
    if (Math.abs(offset - this.calendar) < stepMs) return;
    this.calendar = offset;
    for (const line of this.lines.values()) if (!line.busy) this.plan(line);
    this.arm();
  }

  private calendarOffset(): number {
    const { clock } = this.parts.stores;
    return clock.wallNow() - clock.monoNow();
  }

  private begin(entry: BookEntry, lease: Lease, run: RunRecord | undefined): void {
    const before = this.lines.get(entry.name);
    if (!this.parts.takes(entry)) {
      this.lines.delete(entry.name);
      return;
    }
    const { record } = entry;
    const line: Line = {
      entry,
      lease,
      runId: this.parts.runIdOf(entry.name),
      run: withoutOldQueue(run, entry),
      fromMs: Math.max(record.fromMs, run?.fromMs ?? record.fromMs),
      untilMs: Math.max(record.activeMs, run?.dueMs ?? record.activeMs),
      // What is on its way goes on; it plans its successor when it ends.
      busy: before?.busy ?? false,
      ended: false,
      wakeMs: undefined,
    };
    this.lines.set(entry.name, line);
    if (line.busy) return;
    this.plan(line);
    if (hasOldTick(line)) this.wakeAt(line, 0);
  }

  /** Decides when to look at a schedule next. */
  private plan(line: Line, notBeforeMs = 0): void {
    line.wakeMs = undefined;
    const { record, schedule } = line.entry;
    if (record.paused) return;
    this.followCalendar(line);
    try {
      const due = schedule.next(line.untilMs, line.fromMs);
      if (due !== undefined) this.wakeAt(line, Math.max(notBeforeMs, due + this.jitter(line, due)));
    } catch (error) {
      this.problem(line, error);
    }
  }

  private wakeAt(line: Line, atMs: number): void {
    if (line.wakeMs !== undefined && line.wakeMs <= atMs) return;
    line.wakeMs = atMs;
    this.heap.add(atMs, line);
    // Changes leave old times behind; now and then they are thrown out.
    if (this.heap.size > 2 * this.lines.size + 1000) {
      this.heap.clear();
      for (const one of this.lines.values()) if (one.wakeMs !== undefined) this.heap.add(one.wakeMs, one);
    }
  }

  private followCalendar(line: Line): void {
    const now = this.parts.stores.clock.wallNow();
    if (!beginsAnew(line.entry.record.schedule, line.untilMs, now)) return;
    line.fromMs = now;
    line.untilMs = now;
    line.run = { count: 0, ...line.run, dueMs: now, fromMs: now };
  }

  private jitter(line: Line, dueMs: number): number {
    return jitterOf(this.parts.kinds.beat, line.runId, dueMs, line.entry.record.jitterMs);
  }

  private arm(): void {
    this.timer?.cancel();
    this.timer = undefined;
    const { clock } = this.parts.stores;
    const at = this.heap.earliestMs;
    if (this.lease === undefined || at === undefined) return;
    this.timer = clock.after(at - clock.wallNow(), () => this.wake());
  }

  private wake(): void {
    const now = this.parts.stores.clock.wallNow();
    for (let next = this.heap.takeDue(now); next !== undefined; next = this.heap.takeDue(now)) {
      const line = next.value;
      if (line.wakeMs !== next.atMs || line.busy || this.lines.get(line.entry.name) !== line) continue;
      line.wakeMs = undefined;
      line.busy = true;
      this.waiting.push(line);
    }
    this.dispatch();
    this.arm();
  }

  /** The task that a tick waits for has ended. */
  private look(schedule: string): void {
    const line = this.lines.get(schedule);
    if (line === undefined) return;
    line.ended = true;
    if (line.busy) return;
    this.wakeAt(line, 0);
    this.arm();
  }

  private dispatch(): void {
    while (this.inFlight.size < mostInFlight) {
      const line = this.waiting.shift();
      if (line === undefined) return;
      const work: Promise<void> = this.work(line).finally(() => {
        this.inFlight.delete(work);
        this.dispatch();
      });
      this.inFlight.add(work);
    }
  }

  /** Deals with what is ripe of one schedule, then plans the next. Never rejects. */
  private async work(line: Line): Promise<void> {
    let notBeforeMs = 0;
    line.ended = false;
    try {
      await this.sendRipe(line);
    } catch (error) {
      this.problem(line, error);
      const now = this.parts.stores.clock.wallNow();
      if (isPassing(error)) notBeforeMs = now + retryMs;
      else giveUp(line, now);
    }
    const present = this.lines.get(line.entry.name);
    if (present === undefined || present.lease !== line.lease) return;
    if (present !== line) {
      // It was changed meanwhile; what was done for the old one counts.
      present.run = withoutOldQueue(line.run, present.entry);
      present.untilMs = Math.max(present.untilMs, line.untilMs);
    }
    present.busy = false;
    this.plan(present, notBeforeMs);
    if (hasOldTick(present) && (notBeforeMs > 0 || line.ended || present.ended))
      this.wakeAt(present, notBeforeMs);
    this.arm();
  }

  private async sendRipe(line: Line): Promise<void> {
    const { schedule, record } = line.entry;
    await this.finishOld(line);
    const { dues, untilMs } = ripeTicks({
      schedule,
      missed: record.missed,
      fromMs: line.fromMs,
      afterMs: line.untilMs,
      nowMs: this.parts.stores.clock.wallNow(),
      jitterOf: (dueMs) => this.jitter(line, dueMs),
      mostJitterMs: record.jitterMs,
    });
    for (const dueMs of dues) {
      if (!(await this.sendOne(line, dueMs))) return;
      line.untilMs = dueMs;
    }
    line.untilMs = Math.max(line.untilMs, untilMs);
  }

  /** What the last leader has left, and what waited for the end of the last run. */
  private async finishOld(line: Line): Promise<void> {
    const { run } = line;
    if (run?.unsent === true) {
      const tick = this.outgoing(line, run.dueMs, false);
      if (tick === undefined) return;
      this.take(line, tick, await this.parts.sender.sendAgain(tick, run), 'sent');
    }
    if (line.run?.queuedMs === undefined || (await this.isRunning(line))) return;
    const tick = this.outgoing(line, line.run.queuedMs, true);
    if (tick !== undefined) this.take(line, tick, await this.parts.sender.send(tick), 'sent');
  }

  /** @returns false when it does not lead any more */
  private async sendOne(line: Line, dueMs: number): Promise<boolean> {
    const { overlap } = line.entry.record;
    const tick = this.outgoing(line, dueMs, false);
    if (tick === undefined) return false;
    const { sender } = this.parts;
    if (overlap === 'allow' || !(await this.isRunning(line)))
      return this.take(line, tick, await sender.send(tick), 'sent');
    const queues = overlap === 'queue' && line.run?.queuedMs === undefined;
    const result = await sender.pass(tick, queues ? { queuedMs: dueMs } : {});
    return this.take(line, tick, result, queues ? 'queued' : 'skipped');
  }

  private async isRunning({ entry, run }: Line): Promise<boolean> {
    return await this.running.isRunning(entry.name, run?.taskId, entry.record.overlap === 'queue');
  }

  /** @returns `undefined` when it does not lead any more, or the schedule was deleted */
  private outgoing(line: Line, dueMs: number, queued: boolean): OutgoingTick | undefined {
    const lease = this.parts.leadership().held;
    if (lease === undefined || lease !== this.lease || !this.lines.has(line.entry.name)) return undefined;
    const { runId, run, entry } = line;
    const taskId = tickId(this.parts.kinds.beat, runId, dueMs);
    return { runId, taskId, schedule: entry.record, dueMs, queued, run, lease };
  }

  private take(
    line: Line,
    tick: OutgoingTick,
    result: TickResult,
    outcome: 'sent' | 'skipped' | 'queued',
  ): boolean {
    if (result.kind === 'stale-leader') {
      this.parts.leadership().refused(tick.lease);
      return false;
    }
    line.run = result.run;
    const { events, stores } = this.parts;
    if (events.heard) {
      events.tell({
        type: 'beat-tick',
        schedule: line.entry.name,
        taskName: line.entry.record.task,
        taskId: tick.taskId,
        outcome,
        dueMs: tick.dueMs,
        timestampMs: stores.clock.wallNow(),
      });
    }
    return true;
  }

  private problem(line: Line, cause: unknown): void {
    const due = line.untilMs;
    const error = TICK_FAILED.create(
      {
        schedule: line.entry.name,
        due: `after ${new Date(due).toISOString()}`,
        problem: cause instanceof Error ? cause.message : String(cause),
      },
      cause,
    );
    this.parts.events.tell({ type: 'beat-problem', schedule: line.entry.name, error });
  }
}

/** Whether there is a tick from before: of the last leader, or one that was put off. */
const hasOldTick = ({ run, entry }: Line): boolean =>
  !entry.record.paused && (run?.unsent === true || run?.queuedMs !== undefined);

/** A tick that waited for a schedule that was deleted, changed or paused since then is not made up for. */
function withoutOldQueue(run: RunRecord | undefined, { record }: BookEntry): RunRecord | undefined {
  if (run?.queuedMs === undefined || run.queuedMs > record.activeMs) return run;
  const { queuedMs: _queuedMs, ...rest } = run;
  return rest;
}

/** What is wrong with a tick itself would be wrong again. */
function giveUp(line: Line, nowMs: number): void {
  line.untilMs = Math.max(line.untilMs, nowMs);
  if (line.run === undefined) return;
  const { unsent: _unsent, queuedMs: _queuedMs, ...rest } = line.run;
  line.run = rest;
}
