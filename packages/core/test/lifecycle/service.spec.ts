import { Deadline } from '../../src/clock/deadline.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { Service } from '../../src/lifecycle/service.js';

const clock = new VirtualClock();
const deadline = Deadline.in(clock, 1000);

class Probe extends Service {
  readonly calls: string[] = [];
  open = 0;
  gate: Promise<void> = Promise.resolve();
  failure: Error | undefined;
  sawStopRequest = false;

  constructor() {
    super('the probe');
  }

  protected async onStart(): Promise<void> {
    this.calls.push('start');
    this.open += 1;
    await this.gate;
    this.sawStopRequest = this.stopRequested.aborted;
    if (this.failure !== undefined) throw this.failure;
  }

  protected async onStop(): Promise<void> {
    this.calls.push('stop');
    await Promise.resolve();
    this.open -= 1;
  }

  protected deadlineAfterFailedStart(): Deadline {
    return deadline;
  }
}

describe('Service', () => {
  it('starts once and stops once, however often it is asked', async () => {
    const probe = new Probe();
    await Promise.all([probe.start(), probe.start()]);
    await probe.start();
    expect(probe.started).toBe(true);
    await Promise.all([probe.stop(deadline), probe.stop(deadline)]);
    await probe.stop(deadline);
    expect(probe.calls).toEqual(['start', 'stop']);
    expect(probe.started).toBe(false);
  });

  it('can be stopped before it was started, and refuses to start then', async () => {
    const probe = new Probe();
    await probe.stop(deadline);
    await expect(probe.start()).rejects.toMatchObject({ code: 'LOVAGE_SERVICE_STOPPED' });
    expect(probe.calls).toEqual([]);
  });

  it('stops what is still starting, after its start has ended', async () => {
    const probe = new Probe();
    let open: () => void = () => undefined;
    probe.gate = new Promise((resolve) => {
      open = resolve;
    });
    const starting = probe.start();
    const stopping = probe.stop(deadline);
    open();
    await Promise.all([starting, stopping]);
    expect(probe.calls).toEqual(['start', 'stop']);
    expect(probe.sawStopRequest).toBe(true);
    expect(probe.open).toBe(0);
  });

  it('closes what a failed start has opened, tells the failure, and is stopped', async () => {
    const probe = new Probe();
    probe.failure = new Error('no connection');
    await expect(probe.start()).rejects.toThrow('no connection');
    expect(probe.open).toBe(0);
    await probe.stop(deadline);
    expect(probe.calls).toEqual(['start', 'stop']);
    await expect(probe.start()).rejects.toMatchObject({ code: 'LOVAGE_SERVICE_STOPPED' });
  });

  it('does not wait for itself when it is stopped during a start that fails', async () => {
    const probe = new Probe();
    let open: () => void = () => undefined;
    probe.gate = new Promise((resolve) => {
      open = resolve;
    });
    probe.failure = new Error('no connection');
    const starting = probe.start();
    const stopping = probe.stop(deadline);
    open();
    await expect(starting).rejects.toThrow('no connection');
    await stopping;
    expect(probe.open).toBe(0);
    expect(probe.calls).toEqual(['start', 'stop']);
  });

  it('leaves nothing open under 10 callers that start and stop at random', async () => {
    for (let round = 0; round < 50; round += 1) {
      const probe = new Probe();
      const callers = Array.from({ length: 10 }, async (_, caller) => {
        for (let turn = 0; turn < (caller * 7 + round) % 5; turn += 1) await Promise.resolve();
        if ((caller + round) % 3 === 0) await probe.stop(deadline);
        else await probe.start().catch(() => undefined);
      });
      await Promise.all(callers);
      await probe.stop(deadline);
      expect(probe.open).toBe(0);
      expect(probe.calls.length).toBeLessThanOrEqual(2);
    }
  });
});
