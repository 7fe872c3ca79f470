import type { AppParts, TaskApp } from '@lovage/core';

type Launcher = NonNullable<NonNullable<AppParts['childPrograms']>['launcher']>;
type Listener = Parameters<Launcher['launch']>[0];
type Executor = ReturnType<TaskApp['childExecutor']>;
type FromChild = Parameters<Parameters<TaskApp['childExecutor']>[0]['tell']>[0];
type ToChild =
  | Parameters<Executor['take']>[0]
  | { readonly kind: 'boot'; readonly hostname: string }
  | { readonly kind: 'ping' | 'end' | 'exit' };

/**
 * Children that live in this process and execute with the app of their parent, so that the tasks of a case can be functions of
 * the case. All that goes between them and their parent is text, as over the pipe of a process, and what one does after it was killed
 * has no effect.
 */
export class LocalChildren implements Launcher {
  private made = 0;

  /** @param app of the parent; asked for when a child begins */
  constructor(private readonly app: () => TaskApp) {}

  launch({ onLine, onGone }: Listener): ReturnType<Launcher['launch']> {
    this.made += 1;
    let executor: Executor | undefined;
    let isGone = false;
    const end = (how: string): void => {
      if (isGone) return;
      isGone = true;
      // Nobody is told of it while it is being done.
      queueMicrotask(() => onGone({ how }));
    };
    const tell = (message: FromChild): void => {
      if (isGone) return;
      const line = JSON.stringify([message]);
      queueMicrotask(() => {
        if (!isGone) onLine(line);
      });
    };
    const take = (message: ToChild): void => {
      if (message.kind === 'boot') {
        executor = this.app().childExecutor({ hostname: message.hostname, tell });
        tell({ kind: 'ready', tasks: this.app().registry.names() });
      } else if (message.kind === 'ping') tell({ kind: 'pong' });
      else if (message.kind === 'end' || message.kind === 'exit') end('it exited with code 0');
      else executor?.take(message);
    };
    return {
      name: `child ${this.made}`,
      send: (line) => {
        queueMicrotask(() => {
          for (const message of JSON.parse(line) as readonly ToChild[]) if (!isGone) take(message);
        });
      },
      kill: () => end('it was killed'),
    };
  }
}
