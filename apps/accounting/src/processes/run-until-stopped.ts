import type { TaskApp } from '@lovage/core';

/** Starts the app of a process of a run, says that it is ready, and closes it at SIGTERM. */
export async function runUntilStopped(app: TaskApp): Promise<void> {
  process.once('SIGTERM', () => {
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  await app.start();
  console.log('ready');
}
