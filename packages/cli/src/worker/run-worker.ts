import type { DrainReport } from '@lovage/core';
import type { CommandOutput } from '../command-output.js';
import { exitStatus } from '../exit-status.js';
import type { WorkerFlags } from '../flags/worker-flags.js';
import { packageVersion } from '../package-version.js';
import { refuseEmbedded } from '../process/refuse-embedded.js';
import { RoleProcess } from '../process/role-process.js';
import { banner } from './banner.js';
import { drainText } from './drain-text.js';
import { asWorker } from './worker-role.js';

/** Runs the process that `lovage worker` is; gives its exit status. */
export async function runWorker(
  flags: WorkerFlags & { readonly app: string },
  output: CommandOutput,
): Promise<number> {
  const reports: DrainReport[] = [];
  // Many start their workers with Celery's line: what it asks for and does not get is told, and nothing else changes.
  if (flags.taskEvents === true)
    output.complain('-E, --task-events: events of tasks are not sent to monitors; the worker runs without');
  const role = new RoleProcess(
    {
      name: 'worker',
      options: (given, index) => asWorker(given, flags, index),
      check: ({ settings }) => {
        refuseEmbedded(settings, ['broker', 'results'], 'worker');
      },
      listen: (app) =>
        app.events.listen((event) => {
          if (event.type !== 'worker-drained') return;
          reports.push(event.report);
          output.say(drainText(event.hostname, event.report));
        }),
      isReady: ({ worker }) => worker?.started === true,
      introduce: (app, quiet) => [
        ...(quiet ? [] : [banner(app, { given: flags.app, version: packageVersion() })]),
        `${app.worker?.hostname} ready.`,
      ],
      patienceMs: (apps) => Math.max(0, ...apps.map(({ drainTimeoutMs }) => drainTimeoutMs)),
      farewell: (kind, patienceMs) =>
        kind === 'warm'
          ? `warm shutdown, running tasks have ${patienceMs / 1000} s. Once more: cold shutdown`
          : 'cold shutdown, running tasks are cut and handed back',
      hurry: (app) => app.hurry(),
      overdue: 'what it had in hand comes back when its lease has run out',
      status: () => (reports.some(({ abandoned }) => abandoned.length > 0) ? exitStatus.cut : exitStatus.ok),
    },
    flags,
    output,
  );
  return await role.run();
}
