import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { OutageWatch } from '../../src/drivers/outage-watch.js';

function scene() {
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const watch = new OutageWatch({
    clock,
    address: () => 'amqp://h',
    warn: ({ message }) => warnings.push(message),
  });
  return { clock, warnings, watch };
}

describe('OutageWatch', () => {
  it('tells once that a server can not be reached, and that it can again', async () => {
    const { clock, warnings, watch } = scene();
    for (let second = 0; second < 10; second += 1) {
      watch.failed('connect ECONNREFUSED');
      await clock.advance(1000);
    }
    expect(warnings).toEqual([
      'amqp://h: it can not be reached (connect ECONNREFUSED). It is tried again and again; work goes on by itself then. ' +
        'Check that the server runs and can be reached from here.',
    ]);
    watch.over();
    // Of each connection.
    watch.over();
    expect(warnings.slice(1)).toEqual(['amqp://h: it can be reached again, after 10 s. Work goes on.']);
    watch.failed('connect ECONNREFUSED');
    await clock.advance(2000);
    watch.failed('connect ECONNREFUSED');
    expect(warnings).toHaveLength(3);
  });

  it('says nothing of breaks that are short', async () => {
    const { clock, warnings, watch } = scene();
    for (let time = 0; time < 5; time += 1) {
      watch.failed('connect ECONNREFUSED');
      await clock.advance(1999);
      watch.failed('connect ECONNREFUSED');
      watch.over();
    }
    expect(warnings).toEqual([]);
  });
});
