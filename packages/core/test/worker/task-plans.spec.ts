import { TaskRegistry } from '../../src/task/task-registry.js';
import { TaskPlans } from '../../src/worker/task-plans.js';

function scene() {
  const registry = new TaskRegistry();
  const controlled = new Set<string>();
  registry.add({ name: 'mail', run: () => 'sent', options: { timeLimit: '10s' }, source: 'Mail' });
  const plans = new TaskPlans({
    registry,
    limits: { hardMs: 60_000, softMs: 30_000 },
    controls: ({ name }) => controlled.has(name),
    onHookFailed: () => undefined,
  });
  return { registry, controlled, plans };
}

describe('TaskPlans', () => {
  it('makes the plan of a task once', () => {
    const { plans, registry } = scene();
    const plan = plans.find('mail');
    expect(plan).toMatchObject({ definition: registry.get('mail'), controlled: false, hooks: undefined });
    expect(plan?.limits).toEqual({ hardMs: 10_000, softMs: 30_000 });
    expect(plans.find('mail')).toBe(plan);
  });

  it('has none of a task that can not be run here, until it can', () => {
    const { plans, registry } = scene();
    expect(plans.find('report')).toBeUndefined();
    registry.add({ name: 'report', run: () => 'done', options: {}, source: 'Report' });
    expect(plans.find('report')?.definition.source).toBe('Report');
  });

  it('sees a builtin task give way to one of the application, and hooks that were added', () => {
    const { plans, registry } = scene();
    registry.addBuiltin({ name: 'celery.map', run: () => 0, options: {}, source: 'Lovage' });
    expect(plans.find('celery.map')?.definition.source).toBe('Lovage');
    registry.add({ name: 'celery.map', run: () => 1, options: {}, source: 'Own' });
    expect(plans.find('celery.map')?.definition.source).toBe('Own');
    registry.use({ onSuccess: () => undefined });
    expect(plans.find('mail')?.hooks).toBeDefined();
  });

  it('makes a plan anew when limits or flow control of its task are changed', () => {
    const { plans, controlled } = scene();
    plans.find('mail');
    plans.setTimeLimits('mail', { hardMs: 500, softMs: undefined });
    expect(plans.find('mail')?.limits).toEqual({ hardMs: 500, softMs: undefined });
    plans.setTimeLimits('mail', { hardMs: undefined, softMs: undefined });
    expect(plans.find('mail')?.limits).toBeUndefined();
    controlled.add('mail');
    expect(plans.find('mail')?.controlled).toBe(false);
    plans.renew('mail');
    expect(plans.find('mail')?.controlled).toBe(true);
  });
});
