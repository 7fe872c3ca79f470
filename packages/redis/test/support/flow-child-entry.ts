// The program of a child that runs and sends tasks with flow control, see child-worker.ts. One line each way.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { flowProcess } from './flow-tasks.js';

/** Said at once, also when the process is killed in the next moment. */
const say = (line: string): void => void writeSync(1, `${line}\n`);

const [, , url = '', name = ''] = process.argv;
const { app } = await flowProcess(url, name !== 'sender', async (task, { id }) => {
  say(`began ${task} ${id} ${Date.now()}`);
  await setTimeout(task === 'rated' ? 0 : 60);
  say(`ended ${task} ${id} ${Date.now()}`);
});

const commands: Readonly<Record<string, (argument: string) => Promise<void>>> = {
  /** Sends with one key after the other, until it is killed. */
  keys: async (stem) => {
    for (let n = 0; ; n += 1) {
      const key = `${stem}-${n}`;
      say(`sending ${key}`);
      const { id } = await app.client.send('plain', { idempotencyKey: key, idempotencyTtl: 20 });
      say(`sent ${key} ${id}`);
    }
  },
};
createInterface(process.stdin).on('line', (line) => {
  const [command = '', argument = ''] = line.split(' ');
  void commands[command]?.(argument);
});
say('ready');
