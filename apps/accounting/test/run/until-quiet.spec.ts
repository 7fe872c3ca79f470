import type { BrokerUnderTest } from '../../src/brokers/broker-under-test.js';
import { untilQuiet } from '../../src/run/until-quiet.js';

const empty = { ready: 0, delayed: 0, unsettled: 0, parked: 0 };

describe('waiting until a broker is quiet', () => {
  it('does not believe a broker that says it is empty while tasks are open', async () => {
    let asked = 0;
    const broker = { counts: async () => empty } as unknown as BrokerUnderTest;
    await untilQuiet(broker, () => {
      asked += 1;
      return { sent: 1, confirmed: 1, ended: 0, open: asked < 3 ? 1 : 0 };
    });
    expect(asked).toBe(3);
  });

  it('counts what is parked as ended', async () => {
    const broker = { counts: async () => ({ ...empty, parked: 1 }) } as unknown as BrokerUnderTest;
    const progress = { sent: 1, confirmed: 1, ended: 0, open: 1 };
    await expect(untilQuiet(broker, () => progress)).resolves.toBeUndefined();
  });

  it('waits for what is in the broker where nobody follows the tasks', async () => {
    const waiting = [
      { ...empty, ready: 1 },
      { ...empty, delayed: 1 },
      { ...empty, unsettled: 1 },
    ];
    const counts = async () => waiting.shift() ?? empty;
    await untilQuiet({ counts } as unknown as BrokerUnderTest);
    expect(waiting).toEqual([]);
  });
});
