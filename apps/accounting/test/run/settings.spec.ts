import { readRequest } from '../../src/run/settings.js';

const settings = (...args: readonly string[]): unknown => {
  const request = readRequest(args, 7);
  return request.kind === 'run' ? request.settings : undefined;
};

describe('the arguments of a run', () => {
  it('have defaults', () => {
    expect(settings()).toMatchObject({
      broker: 'redis',
      tasks: 10_000,
      kills: 20,
      workers: 3,
      concurrency: 16,
      leaseMs: 2000,
      seed: 7,
      rate: 385,
      fsync: 'always',
      keepsResults: true,
    });
  });

  it('are read', () => {
    expect(
      settings(
        '--seed',
        '1',
        '--lease',
        '500ms',
        '--faults',
        'kill,freeze',
        '--fsync',
        'everysec',
        '--results',
        'off',
      ),
    ).toMatchObject({
      seed: 1,
      leaseMs: 500,
      faults: ['kill', 'freeze'],
      fsync: 'everysec',
      keepsResults: false,
    });
  });

  it('spread few tasks over the time of many kills', () => {
    expect(settings('--tasks', '1300', '--kills', '100')).toMatchObject({ rate: 10 });
  });

  it('may ask for the check of a run that is over', () => {
    expect(readRequest(['--check', 'some/folder'], 7)).toStrictEqual({
      kind: 'check',
      folder: 'some/folder',
    });
  });

  it('may ask what can be asked for', () => {
    expect(readRequest(['--help'], 7)).toStrictEqual({ kind: 'help' });
  });

  it.each([
    [['--tasks', '0']],
    [['--tasks', 'many']],
    [['--faults', 'kill,flood']],
    [['--fsync', 'no']],
    [['--lease', 'soon']],
    [['--unknown']],
  ])('are refused: %s', (args) => {
    expect(() => readRequest(args, 7)).toThrow(/--|Unknown option/);
  });
});
