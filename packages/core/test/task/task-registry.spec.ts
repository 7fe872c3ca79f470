import { TaskRegistry } from '../../src/task/task-registry.js';

const definition = (name: string, source = `Tasks.${name}`) => ({
  name,
  source,
  run: () => undefined,
  options: {},
});

describe('TaskRegistry', () => {
  it('finds tasks by name, and lists names in order', () => {
    const registry = new TaskRegistry();
    registry.add(definition('b'));
    registry.add(definition('a'));
    expect(registry.get('a').name).toBe('a');
    expect(registry.find('c')).toBeUndefined();
    expect(registry.names()).toEqual(['a', 'b']);
  });

  it('refuses a name that is taken, and tells both places', () => {
    const registry = new TaskRegistry();
    registry.add(definition('mail.send', 'MailTasks.send'));
    expect(() => registry.add(definition('mail.send', 'OldMail.send'))).toThrow(
      /used twice: by MailTasks.send and by OldMail.send/,
    );
  });

  it.each(['', 'x'.repeat(256)])('refuses a name of %# characters that can not travel', (name) => {
    expect(() => new TaskRegistry().add(definition(name))).toThrow(
      expect.objectContaining({ code: 'LOVAGE_TASK_DEFINITION_INVALID' }),
    );
  });

  it('tells an unknown name with the closest known one', () => {
    const registry = new TaskRegistry();
    registry.add(definition('mail.send'));
    registry.add(definition('math.add'));
    expect(() => registry.get('mail.sned')).toThrow(
      /no task "mail.sned" is registered here \(2 registered, closest: "mail.send"\)/,
    );
    // Nothing here is meant by that: a hint would only mislead.
    expect(() => registry.get('reports.weekly')).toThrow(
      /no task "reports.weekly" is registered here \(2 registered\)/,
    );
  });

  it.each(['toString', '__proto__', 'constructor'])('does not know %s', (name) => {
    expect(new TaskRegistry().find(name)).toBeUndefined();
  });

  it('knows an announced task for sending, and does not run it', () => {
    const registry = new TaskRegistry();
    registry.announce({ name: 'mail.send', options: { queue: 'mail' }, source: 'MailTasks.send' });
    expect(registry.known('mail.send')?.options.queue).toBe('mail');
    expect(registry.find('mail.send')).toBeUndefined();
    expect(registry.names()).toEqual([]);
  });

  it('prefers a task that runs here to an announced one of the same name', () => {
    const registry = new TaskRegistry();
    registry.announce({ name: 'a', options: {}, source: 'elsewhere' });
    registry.add(definition('a', 'here'));
    expect(registry.known('a')?.source).toBe('here');
  });
});
