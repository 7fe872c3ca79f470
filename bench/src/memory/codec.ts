import { contentTypes, decodeTask, defaultMessageLimits, encodeTask, type TaskMessage } from '@lovage/core';
import { goal, printTable } from '../measure/report.js';
import { inTurn } from '../measure/rounds.js';

const embed = { callbacks: null, errbacks: null, chain: null, chord: null };

const small: TaskMessage = {
  id: '3f0c6f4e-6c0f-4c55-9d0e-0e4b5a6c7d8e',
  task: 'math.add',
  args: [2, 3],
  kwargs: {},
  embed,
  retries: 0,
  rootId: '3f0c6f4e-6c0f-4c55-9d0e-0e4b5a6c7d8e',
  origin: 'gen4711@host',
  ignoreResult: false,
};

const order: TaskMessage = {
  ...small,
  task: 'shop.confirm_order',
  args: ['ord-2026-000123'],
  kwargs: {
    customer: { id: 4711, name: 'Zoë Müller', email: 'zoe@example.com', tags: ['vip', 'newsletter'] },
    lines: Array.from({ length: 10 }, (_, index) => ({
      sku: `sku-${index}`,
      quantity: index + 1,
      price: 9.99 * index,
      note: 'leave at the door',
    })),
    express: true,
  },
};

/** Encode and decode of a protocol 2 message beside bare JSON of the same headers, properties and body. */
export async function compareCodecs(): Promise<void> {
  await compare('add(2, 3)', small, 20_000);
  await compare('an order with 10 lines', order, 5_000);
}

async function compare(title: string, message: TaskMessage, count: number): Promise<void> {
  const encoding = { serializer: 'json', limits: defaultMessageLimits } as const;
  const decoding = { acceptContent: contentTypes(['json']), limits: defaultMessageLimits };
  const wire = encodeTask(message, encoding);
  const bare = {
    headers: wire.headers,
    properties: wire.properties,
    body: [message.args, message.kwargs, message.embed],
  };
  const bareBody = JSON.stringify(bare.body);
  const text = JSON.stringify(bare);
  let kept: unknown;
  const repeat = (action: () => unknown) => (times: number) => {
    for (let index = 0; index < times; index += 1) kept = action();
  };
  const rows = await inTurn(
    [
      { name: 'JSON.stringify + JSON.parse', run: repeat(() => JSON.parse(JSON.stringify(bare))) },
      { name: 'JSON.stringify', run: repeat(() => JSON.stringify(bare)) },
      { name: 'JSON.parse', run: repeat(() => JSON.parse(text)) },
      { name: 'JSON of the body alone', run: repeat(() => JSON.parse(JSON.stringify(bare.body))) },
      { name: 'encodeTask', run: repeat(() => encodeTask(message, encoding)) },
      { name: 'decodeTask', run: repeat(() => decodeTask(wire, decoding)) },
      {
        name: 'encodeTask + decodeTask',
        run: repeat(() => decodeTask(encodeTask(message, encoding), decoding)),
      },
    ],
    { rounds: 15, count },
  );
  if (kept === undefined) throw new Error('nothing was measured');
  printTable(
    `protocol 2 message, ${title}: body ${bareBody.length} bytes, with headers and properties ${text.length}`,
    rows,
    'JSON.stringify + JSON.parse',
  );
  const rate = (name: string): number => rows.find((row) => row.name === name)?.perSecond ?? Number.NaN;
  goal(
    `encode + decode, ${title}, times bare JSON`,
    rate('JSON.stringify + JSON.parse') / rate('encodeTask + decodeTask'),
    { atMost: 4 },
    2,
  );
  goal(
    `encode + decode, ${title}, times bare JSON of the body alone`,
    rate('JSON of the body alone') / rate('encodeTask + decodeTask'),
    { atMost: 4 },
    2,
  );
}
