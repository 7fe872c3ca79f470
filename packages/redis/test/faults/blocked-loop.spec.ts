import { describeWith } from '@lovage/services';
import { ChildWorkers } from '../support/child-worker.js';
import { FaultScene, Recorder } from '../support/fault-scene.js';

describeWith('redis-server', 'a process whose event loop is busy for longer than its lease', () => {
  const scene = new FaultScene();
  const children = new ChildWorkers();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => {
    await children.clear();
    await scene.clear();
  });
  afterAll(async () => {
    await children.close();
    await scene.close();
  });

  it('keeps what it has, and settles it', async () => {
    const other = await scene.driver(scene.urlOf('lease=1s'));
    await scene.publish(other, ['a', 'b', 'c']);
    const child = await children.start(scene.urlOf('lease=1s'));
    for (const id of ['a', 'b', 'c']) await child.said(new RegExp(`^got ${id} 1$`));
    // Somebody who would take over what it loses.
    const recorder = await Recorder.open(scene, other, { verb: { kind: 'ack' } });
    for (let round = 0; round < 3; round += 1) {
      child.tell('block 3000');
      child.tell(`ack ${['a', 'b', 'c'][round]}`);
      await child.said(new RegExp(`^settled ${['a', 'b', 'c'][round]}$`));
    }
    expect(child.lines.filter((line) => line === 'blocked')).toHaveLength(3);
    expect(child.lines.filter((line) => line.startsWith('lost'))).toStrictEqual([]);
    expect(recorder.ids).toStrictEqual([]);
    expect(await scene.settledAll()).toBe(true);
    child.tell('close');
    expect(await child.program.exited).toStrictEqual({ code: 0, signal: null });
  });

  it('is given what came meanwhile, once', async () => {
    const other = await scene.driver(scene.redis.url);
    const child = await children.start(scene.urlOf('lease=1s'));
    child.tell('block 3000');
    await child.said(/^blocking$/);
    const ids = Array.from({ length: 50 }, (_, n) => `task-${n}`);
    await scene.publish(other, ids);
    for (const id of ids) await child.said(new RegExp(`^got ${id} 1$`));
    expect(child.lines.filter((line) => line.startsWith('got'))).toHaveLength(ids.length);
  });
});
