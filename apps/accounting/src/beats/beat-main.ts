import { TaskApp } from '@lovage/core';
import { runUntilStopped } from '../processes/run-until-stopped.js';

// A beat of a run. SIGTERM ends it in order.

/** What a beat process is started with, as JSON in its first argument. */
export interface BeatProcessSettings {
  readonly name: string;
  readonly broker: string;
  readonly leaseMs: number;
}

const { name, broker, leaseMs } = JSON.parse(process.argv[2] ?? '') as BeatProcessSettings;

const app = await TaskApp.create(
  {
    broker,
    results: false,
    worker: false,
    beat: { lease: `${leaseMs}ms` },
    storeTimeout: '60s',
  },
  { host: name, pid: process.pid },
);

app.events.listen((event) => {
  if (event.type === 'beat-problem') console.error(String(event.error));
  if (event.type === 'beat-leading') console.log('leading');
});

await runUntilStopped(app);
