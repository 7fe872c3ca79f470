import { describeWith, RabbitServer, waitFor } from '@lovage/services';
import { RunningSample } from './support/running-sample.js';

// A node boots for some seconds, and on a busy machine for many.
jest.setTimeout(180_000);

interface Shown {
  readonly name: string;
  readonly totalRunCount: number;
}

describeWith('rabbitmq-server', 'the beat of the sample on RabbitMQ alone', () => {
  const rabbit = new RabbitServer();
  beforeAll(async () => await rabbit.start());
  afterAll(async () => await rabbit.close());

  it('begins, with all that the code declares, and sends', async () => {
    const { url } = await rabbit.createVhost();
    const sample = await RunningSample.start({ LOVAGE_BROKER: url, LOVAGE_BEAT: 'true' });
    try {
      const schedules = async (): Promise<readonly Shown[]> =>
        (await (await fetch(`${sample.url}/schedules`)).json()) as readonly Shown[];
      expect((await schedules()).map(({ name }) => name)).toEqual(['heartbeat', 'report']);
      await waitFor(async () => (await schedules()).some(({ totalRunCount }) => totalRunCount > 0), {
        withinMs: 60_000,
        what: 'a tick',
      });
    } finally {
      await sample.stop();
    }
  });
});
