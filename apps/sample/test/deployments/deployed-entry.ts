// The program of one process of a deployment, see deployed-process.ts: runs an app with the options that it is given as data, says what
// its tasks do, and sends what it is told. One line each way.
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type CreateDriver, isLovageError, SystemClock, TaskApp, type TaskCall } from '@lovage/core';
import { createDriver as createRabbitDriver } from '@lovage/rabbitmq';
import { createDriver as createRedisDriver } from '@lovage/redis';
import type { DeployedSettings } from './deployed-process.js';

const drivers: Readonly<Record<string, CreateDriver>> = {
  'amqp:': createRabbitDriver,
  'redis:': createRedisDriver,
};

/** Said at once, also when the process is killed in the next moment. */
const say = (line: string): void => void writeSync(1, `${line}\n`);

const { url, host, tasks, options } = JSON.parse(process.argv[2] ?? '') as DeployedSettings;
const clock = new SystemClock();
const address = new URL(url);
const createDriver = drivers[address.protocol];
if (createDriver === undefined) throw new Error(`no driver for ${address.protocol}`);
const driver = createDriver(address, {
  clock,
  newId: randomUUID,
  onWarning: () => undefined,
});
const app = await TaskApp.create(
  { ...options, broker: url, results: false },
  { driver, clock, host, pid: process.pid },
);

for (const name of tasks) {
  app.registry.add({
    name,
    source: 'deployment',
    options: { ignoreResult: true },
    run: async ([what], task) => {
      say(`ran ${name} ${typeof what === 'string' ? what : task.id} from ${task.queue}`);
    },
  });
}
app.events.listen((event) => {
  if (event.type === 'worker-problem') say(`problem ${String(event.error)}`);
});

async function send(name: string, call: TaskCall): Promise<void> {
  try {
    await app.client.send(name, { ignoreResult: true, ...call });
    say(`sent ${name} ${String(call.args?.[0])}`);
  } catch (error) {
    say(`refused ${isLovageError(error) ? error.code : String(error)}`);
  }
}

const commands: Readonly<Record<string, (name: string, call: TaskCall) => Promise<void>>> = {
  send,
  close: async () => {
    await app.close();
    process.stdin.destroy();
  },
};

createInterface(process.stdin).on('line', (line) => {
  const { command, name, call } = JSON.parse(line) as { command: string; name: string; call: TaskCall };
  void commands[command]?.(name, call);
});
await app.start();
say('ready');
