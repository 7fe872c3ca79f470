import type { Clock, MonoMs, Timer } from '../../clock/clock.js';
import type { SignatureJson } from '../../message/signature-json.js';
import type { Outcome } from '../outcome.js';
import type { Run } from '../run.js';
import type { ChildEntry } from './child-entry.js';
import type { ChildExit, ChildLauncher, ChildLink } from './launch/child-link.js';
import { HopBatch, readBatch } from './hop/hop-batch.js';
import type { HopDelivery } from './hop/hop-delivery.js';
import { fromHopError, toHopError } from './hop/hop-error.js';
import type { FromChild, ToChild } from './hop/hop-messages.js';
import { fromHopOutcome } from './hop/hop-outcome.js';
import { fromHopValue } from './hop/hop-value.js';
import type { OnEnd } from './pool.js';
import type { ChildCalls } from './relay/child-calls.js';
import type { RelayAnswer } from './relay/relay-messages.js';

/** What a child is made from. */
export interface PoolChildParts {
  readonly clock: Clock;
  readonly launcher: ChildLauncher;
  readonly entry: ChildEntry;
  readonly hostname: string;
  /** The application must be made in this time. */
  readonly bootTimeoutMs: number;
  /** An idle child that does not answer for so long hangs. */
  readonly answerTimeoutMs: number;
  /** Whether it shall tell how much memory it uses. */
  readonly watchMemory: boolean;
  /** Answers what its application asks of a store that only this process has. */
  readonly openCalls: (tell: (answer: RelayAnswer) => void) => ChildCalls;
}

/** What a child tells its pool. */
export interface PoolChildListener {
  readonly onReady: (child: PoolChild, tasks: readonly string[]) => void;
  /** A run has left it, and is told its end after this; or the use of memory is known. */
  readonly onChange: (child: PoolChild) => void;
  /** What went wrong in it and is not the failure of a task. */
  readonly onProblem: (error: unknown) => void;
  /** It is gone, with what it had in hand. Told once. */
  readonly onGone: (child: PoolChild, hows: ChildEnd) => void;
}

/** How it came to its end. */
export interface ChildEnd extends ChildExit {
  /** Why its application could not be made. */
  readonly unfit: unknown;
  readonly runs: readonly ChildRun[];
}

/** A run that a child has in hand. */
export interface ChildRun {
  readonly run: Run;
  readonly onEnd: OnEnd;
  /** How it ends when its child is gone, where that was brought about for its sake. */
  ending: Outcome | undefined;
}

/** An idle child is asked for a sign of life so often. */
const pingMs = 10_000;
/** A child that was told to exit, and could, has done so in this time; then it is killed. */
const exitGraceMs = 200;

/**
 * One child of a pool.
 *
 * BOOTING  it makes its application; `ready` moves to READY; `unfit`, and too long a time, to DYING.
 * READY    it is given runs, until its pool asks it to leave.
 * ENDING   it was asked to close its application; whatever it had in hand has ended before.
 * DYING    it was told to exit, and is killed soon: nothing that it does can prevent that.
 * GONE     terminal. Told once, from each of these.
 */
export class PoolChild {
  readonly runs = new Map<number, ChildRun>();
  /** Runs that it was given so far. */
  taken = 0;
  /** Runs that have ended in it. */
  ended = 0;
  /** It gets no more runs and ends when it has none. */
  leaving = false;
  /** It has one run that must not share it, or waits for one. */
  alone = false;
  /** Memory that it used when it was last looked at. */
  memoryBytes = 0;
  idleSince: MonoMs;
  /** Whether its end was brought about here. */
  asked = false;
  private state: 'booting' | 'ready' | 'ending' | 'dying' | 'gone' = 'booting';
  private readonly link: ChildLink;
  private readonly batch: HopBatch<ToChild>;
  private readonly calls: ChildCalls;
  private readonly clock: Clock;
  private timer: Timer | undefined;
  private unfit: unknown;
  /** The reason of its end, where that was found here. */
  private why: string | undefined;
  private nextKey = 1;

  constructor(
    private readonly parts: PoolChildParts,
    private readonly listener: PoolChildListener,
  ) {
    const { clock, launcher, entry, hostname, watchMemory } = parts;
    this.clock = clock;
    this.idleSince = clock.monoNow();
    this.link = launcher.launch({
      onLine: (line) => this.hear(line),
      onGone: (exit) => this.gone(exit),
    });
    this.batch = new HopBatch(clock, (line) => this.link.send(line));
    this.calls = parts.openCalls((answer) => this.batch.tell(answer));
    this.batch.tell({ kind: 'boot', entry, hostname, watchMemory });
    this.timer = clock.after(parts.bootTimeoutMs, () => {
      this.refuse(new Error(`it was not ready after ${parts.bootTimeoutMs} ms`));
    });
  }

  /** For logs. */
  get name(): string {
    return this.link.name;
  }

  get ready(): boolean {
    return this.state === 'ready';
  }

  get booting(): boolean {
    return this.state === 'booting';
  }

  /** It may be waited for, but gets nothing more. */
  get ending(): boolean {
    return this.state === 'ending' || this.state === 'dying' || this.state === 'gone';
  }

  begin(run: Run, delivery: HopDelivery, onEnd: OnEnd): void {
    const key = this.nextKey;
    this.nextKey += 1;
    this.taken += 1;
    this.runs.set(key, { run, onEnd, ending: undefined });
    if (run.context !== undefined) {
      run.context.onAbort = (reason) => this.batch.tell({ kind: 'abort', key, reason: toHopError(reason) });
    }
    const message = { kind: 'run', key, delivery } as const;
    // One that had nothing to do waits for just this.
    if (this.runs.size === 1) this.batch.tellNow(message);
    else this.batch.tell(message);
  }

  /** Asks it to close its application and end. */
  end(): void {
    if (this.ending) return;
    this.asked = true;
    if (this.booting) {
      this.kill();
      return;
    }
    this.state = 'ending';
    this.timer?.cancel();
    this.batch.tellNow({ kind: 'end' });
  }

  /** Ends it for certain: it is told to exit, which one that is not busy does; a moment later it is killed. */
  kill(): void {
    if (this.state === 'dying' || this.state === 'gone') return;
    this.asked = true;
    this.state = 'dying';
    this.timer?.cancel();
    this.batch.tellNow({ kind: 'exit' });
    this.timer = this.clock.after(exitGraceMs, () => this.link.kill());
  }

  /** Its application does not fit: it can not be used. */
  refuse(error: unknown): void {
    if (this.ending) return;
    this.unfit = error;
    this.kill();
  }

  /** It can not be used any more, which nobody has asked for. */
  private giveUp(why: string): void {
    if (this.booting) return this.refuse(new Error(why));
    const { asked } = this;
    this.kill();
    this.asked = asked;
    this.why ??= why;
    return undefined;
  }

  private hear(line: string): void {
    const messages = readBatch<FromChild>(line);
    if (messages === undefined) this.giveUp('something else was written into its pipe to the worker');
    for (const message of messages ?? []) this.take(message);
  }

  private take(message: FromChild): void {
    switch (message.kind) {
      case 'ended':
        return this.runEnded(message);
      case 'state':
        return this.writeState(message);
      case 'call':
        return this.calls.take(message);
      case 'memory':
        this.memoryBytes = message.bytes;
        return this.listener.onChange(this);
      case 'problem':
        return this.listener.onProblem(fromHopError(message.error));
      case 'pong':
        return this.expectLife();
      case 'ready':
        if (!this.booting) return undefined;
        this.state = 'ready';
        this.idleSince = this.clock.monoNow();
        this.expectLife();
        return this.listener.onReady(this, message.tasks);
      case 'unfit':
        return this.refuse(fromHopError(message.error));
    }
  }

  private runEnded({ key, outcome, children, added }: FromChild & { kind: 'ended' }): void {
    const entry = this.runs.get(key);
    if (entry === undefined) return;
    this.runs.delete(key);
    this.ended += 1;
    if (this.runs.size === 0) this.idleSince = this.clock.monoNow();
    // Its next run first: while the end of this one is written the child computes again.
    this.listener.onChange(this);
    if (children !== undefined) entry.run.context?.children.push(...children);
    if (added !== undefined) entry.run.context?.added.push(...(fromHopValue(added) as SignatureJson[]));
    entry.run.exhausted = outcome.kind === 'failed' && outcome.exhausted === true;
    entry.onEnd(entry.run, fromHopOutcome(outcome));
  }

  private writeState({ key, call, state, meta }: FromChild & { kind: 'state' }): void {
    const context = this.runs.get(key)?.run.context;
    const written =
      context === undefined ? Promise.resolve() : context.updateState(state, fromHopValue(meta));
    written.then(
      () => this.batch.tell({ kind: 'written', call }),
      (error: unknown) => this.batch.tell({ kind: 'written', call, error: toHopError(error) }),
    );
  }

  /** Asks for a sign of life, again and again. While it has runs a busy child may well be silent: their limits end them. */
  private expectLife(): void {
    this.timer?.cancel();
    if (!this.ready) return;
    this.timer = this.clock.after(pingMs, () => {
      if (this.runs.size > 0) return this.expectLife();
      const { taken } = this;
      this.batch.tell({ kind: 'ping' });
      this.timer = this.clock.after(this.parts.answerTimeoutMs, () => {
        // What it was given meanwhile may keep it busy.
        if (this.taken !== taken) return this.expectLife();
        return this.giveUp(`it did not answer for ${this.parts.answerTimeoutMs} ms`);
      });
      return undefined;
    });
  }

  private gone(exit: ChildExit): void {
    if (this.state === 'gone') return;
    if (this.booting) this.unfit = new Error(exit.how);
    this.state = 'gone';
    this.timer?.cancel();
    this.calls.close();
    const runs = [...this.runs.values()];
    this.runs.clear();
    this.listener.onGone(this, { how: this.why ?? exit.how, unfit: this.unfit, runs });
  }
}
