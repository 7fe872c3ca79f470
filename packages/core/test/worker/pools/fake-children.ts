import type { ChildLauncher, ChildLink, ChildListener } from '../../../src/worker/pools/launch/child-link.js';
import type { FromChild, ToChild } from '../../../src/worker/pools/hop/hop-messages.js';

/** Children that do nothing by themselves: a test says what they tell and when they end. */
export class FakeChildren implements ChildLauncher {
  /** In the order in which they were made, those that are gone among them. */
  readonly all: FakeChild[] = [];
  /** What each does when it is made. */
  onLaunch: (child: FakeChild) => void = () => undefined;

  launch(listener: ChildListener): ChildLink {
    const child = new FakeChild(this.all.length + 1, listener);
    this.all.push(child);
    // A real one tells nothing before it is known.
    queueMicrotask(() => this.onLaunch(child));
    return child;
  }

  /** Those that are not gone. */
  get alive(): readonly FakeChild[] {
    return this.all.filter((child) => !child.gone);
  }
}

export class FakeChild implements ChildLink {
  readonly name: string;
  readonly heard: ToChild[] = [];
  gone = false;
  killed = false;
  /** It does not answer when it is asked for a sign of life. */
  silent = false;

  constructor(
    number: number,
    private readonly listener: ChildListener,
  ) {
    this.name = `child ${number}`;
  }

  send(line: string): void {
    if (this.gone) return;
    for (const message of JSON.parse(line) as ToChild[]) {
      this.heard.push(message);
      if (message.kind === 'ping' && !this.silent) this.tell({ kind: 'pong' });
    }
  }

  /** The operating system does it at once, and tells later. */
  kill(): void {
    this.killed = true;
    queueMicrotask(() => this.end('SIGKILL has ended it'));
  }

  tell(...messages: readonly FromChild[]): void {
    if (!this.gone) this.listener.onLine(JSON.stringify(messages));
  }

  say(line: string): void {
    if (!this.gone) this.listener.onLine(line);
  }

  ready(tasks: readonly string[] = ['t']): void {
    this.tell({ kind: 'ready', tasks });
  }

  end(how = 'it exited with code 1'): void {
    if (this.gone) return;
    this.gone = true;
    this.listener.onGone({ how });
  }

  /** Keys of the runs that it has been given and has not ended. */
  get inHand(): readonly number[] {
    return this.heard
      .filter((message) => message.kind === 'run')
      .map(({ key }) => key)
      .filter((key) => !this.ended.has(key));
  }

  private readonly ended = new Set<number>();

  succeed(key: number, value: unknown = null): void {
    this.ended.add(key);
    this.tell({ kind: 'ended', key, outcome: { kind: 'succeeded', value: { value } } });
  }

  was(kind: ToChild['kind']): boolean {
    return this.heard.some((message) => message.kind === kind);
  }
}
