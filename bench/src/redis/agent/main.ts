// A process that does what is asked of one contender: lines of JSON in, lines of JSON out, until its input ends.
import { createInterface } from 'node:readline';
import type { Contender, ContenderOptions } from '../contender.js';
import { Agent } from './agent.js';
import { type AgentAnswer, type AgentRequest, answerMark } from './agent-requests.js';

const [name = '', url = '', options = '{}'] = process.argv.slice(2);

/** Only what is asked for is loaded. */
const makers: Readonly<Record<string, () => Promise<(options: ContenderOptions) => Contender>>> = {
  lovage: async () => (await import('../contenders/lovage.js')).lovage,
  bullmq: async () => (await import('../contenders/bullmq.js')).bullmq,
  'bee-queue': async () => (await import('../contenders/bee-queue.js')).beeQueue,
  'celery-node': async () => (await import('../contenders/celery-node.js')).celeryNode,
  'raw-driver': async () => (await import('../contenders/raw-driver.js')).rawDriver,
};

const write = (answer: AgentAnswer): void => {
  process.stdout.write(`${answerMark}${JSON.stringify(answer)}\n`);
};

// celery-node logs each task.
console.info = () => undefined;
console.log = () => undefined;

const maker = await makers[name]?.();
if (maker === undefined) throw new Error(`no contender "${name}"`);
const agent = new Agent(maker(JSON.parse(options) as ContenderOptions), url);

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, params } = JSON.parse(line) as AgentRequest;
  const handle = agent[operation].bind(agent) as (params: object) => Promise<unknown>;
  try {
    write({ answer: await handle(params) });
  } catch (error) {
    write({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
