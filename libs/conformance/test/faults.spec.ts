import {
  brokerCases,
  type ConformanceCase,
  inspectorCases,
  ledgerCases,
  memoryHarness,
  modelCases,
  resultStoreCases,
  runCase,
} from '@lovage/conformance';
import { brokerFaults } from './faults/broker-faults.js';
import { type Fault, faulty } from './faults/fault.js';
import { inspectorFaults } from './faults/inspector-faults.js';
import { ledgerFaults } from './faults/ledger-faults.js';
import { modestDriver, modestFaults } from './faults/modest-broker.js';
import { resultStoreFaults } from './faults/result-store-faults.js';
import { settleFaults } from './faults/settle-faults.js';

const suites: readonly (readonly [string, readonly ConformanceCase[], readonly Fault[]])[] = [
  ['broker', brokerCases, [...brokerFaults, ...settleFaults, ...modestFaults]],
  ['result store', resultStoreCases, resultStoreFaults],
  ['ledger', ledgerCases, ledgerFaults],
  ['inspector', inspectorCases, inspectorFaults],
];

/** What a case says of a driver: `undefined` when it is content. */
async function verdict(one: ConformanceCase, fault: Fault): Promise<unknown> {
  try {
    await runCase(faulty(memoryHarness(), fault), one);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(suites)('the suite of the %s', (_, cases, faults) => {
  it.each(faults.map((fault) => [fault.name, fault] as const))(
    'notices a driver that %s',
    async (_name, fault) => {
      const noticing = cases.find(({ name }) => name === fault.noticedBy);
      expect(noticing?.name).toBe(fault.noticedBy);
      if (noticing === undefined) return;
      // It fails because a promise is broken, not because the broken driver broke the case.
      expect(await verdict(noticing, fault)).toMatchObject({ code: 'ERR_ASSERTION' });
    },
  );

  it('finds nothing wrong with the same driver without a fault', async () => {
    const healthy: Fault = { name: 'is healthy', noticedBy: 'nobody', break: (view) => ({ ...view }) };
    for (const one of cases) expect([one.name, await verdict(one, healthy)]).toEqual([one.name, undefined]);
  });

  it('names each case once', () => {
    const names = cases.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
});

it('finds nothing wrong with a broker that can do less and says so', async () => {
  const fault: Fault = { name: 'can do less', noticedBy: 'nobody', break: modestDriver };
  for (const one of [...brokerCases, ...modelCases({ runs: 20 }), ...inspectorCases]) {
    expect([one.name, await verdict(one, fault)]).toEqual([one.name, undefined]);
  }
});

describe('the comparison with the model', () => {
  const [model] = modelCases({ runs: 200, commands: 60, seed: 1, shrink: false });
  const noticed = [
    'loses a publish',
    'publishes twice',
    'delivers a batch twice',
    'ignores the prefetch',
    'never tells that a message was delivered before',
    'does not count deliveries',
    'keeps its first prefetch',
    'does not pause',
    'does not resume',
    'forgets to give back what a closed consumer had in hand',
    'delivers delayed messages at once',
    'loses delayed messages',
    'does not acknowledge',
    'loses requeued messages',
    'requeues without the delay',
    'counts releases as deliveries',
    'accepts a second settlement',
    'purges nothing',
  ];

  it.each(noticed)('notices a broker that %s', async (name) => {
    const fault = [...brokerFaults, ...settleFaults].find((one) => one.name === name);
    expect(fault?.name).toBe(name);
    if (fault === undefined || model === undefined) return;
    expect(String(await verdict(model, fault))).toMatch('Property failed');
  });
});
