import { chord } from '../../../src/client/canvas/compose.js';
import { closeTestApps, testApp } from '../../support/test-app.js';

afterEach(closeTestApps);

/** How often an argument of the body is read while a chord of so many members is sent, and what the body gets at the end. */
async function sent(size: number): Promise<{ readonly reads: number; readonly value: unknown }> {
  const { app } = await testApp(
    { member: (n: number) => n, body: (all: number[], { given }: { given: number }) => [all.length, given] },
    { worker: { queues: ['celery'] } },
  );
  let reads = 0;
  const counted = {
    get given() {
      reads += 1;
      return 7;
    },
  };
  const { client } = app;
  const header = Array.from({ length: size }, (_, n) => client.signature<number>('member', { args: [n] }));
  const result = await chord(header, client.signature('body', { args: [counted] })).delay();
  return { reads, value: await result.get() };
}

it('writes the body of a chord once, however many members carry it', async () => {
  const [few, many] = [await sent(2), await sent(50)];
  expect([few.value, many.value]).toEqual([
    [2, 7],
    [50, 7],
  ]);
  expect(many.reads).toBe(few.reads);
});
