import { freePort } from '@lovage/services';
import { appPath, compileCommand, LovageCommands } from '../support/lovage-command.js';

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(240_000);

const commands = new LovageCommands();
beforeAll(compileCommand);
afterEach(async () => await commands.clear());

describe('what lovage worker refuses', () => {
  it.each<[string, readonly string[], number, string]>([
    ['no app', [], 64, '-A, --app <file> is missing (or LOVAGE_APP in the environment)'],
    ['an unknown option', ['--speed', 'high'], 64, "unknown option '--speed'"],
    ['a wrong value', ['-A', 'x.js', '-c', 'many'], 64, 'expected a whole number from 1'],
    ['a file that is not there', ['-A', appPath('absent.mjs')], 64, 'LOVAGE_APP_FILE_MISSING'],
    ['a folder', ['-A', appPath('.')], 64, 'It is a folder'],
    ['TypeScript', ['-A', 'src/app.module.ts'], 64, 'build it'],
    ['a module that throws', ['-A', appPath('broken.mjs')], 1, 'the settings are missing'],
    [
      'a module with nothing in it',
      ['-A', appPath('nothing.mjs')],
      1,
      'exports no Nest module and no TaskApp. It exports: Unrelated, settings',
    ],
    ['an export that is not there', ['-A', `${appPath('tasks.mjs')}:none`], 1, 'has no export "none"'],
    [
      'an export that is nothing to run',
      ['-A', `${appPath('nothing.mjs')}:settings`],
      1,
      'that is no Nest module and no TaskApp',
    ],
    [
      'a Nest module without a queue',
      ['-A', `${appPath('nest.mjs')}:EmptyModule`],
      1,
      'the module EmptyModule of',
    ],
    ['the embedded store', ['-A', appPath('tasks.mjs'), '-b', 'memory://'], 1, 'LOVAGE_STORE_EMBEDDED'],
    [
      'a pool that can not do what is asked',
      ['-A', appPath('tasks.mjs'), '--max-tasks-per-child', '5'],
      64,
      'since the pool "async" has no children',
    ],
    [
      'several at once with solo',
      ['-A', appPath('tasks.mjs'), '-P', 'solo', '-c', '4'],
      64,
      'expected "worker.concurrency" to be an integer from 1 to 1',
    ],
  ])('%s', async (_, args, status, message) => {
    const { code, output } = await commands.run(['worker', ...args]);
    expect(output).toContain(message);
    expect(code).toBe(status);
  });

  it('a broker that can not be reached', async () => {
    const broker = `redis://127.0.0.1:${await freePort()}`;
    const { code, output } = await commands.run(['worker', '-A', appPath('tasks.mjs')], {
      LOVAGE_BROKER: broker,
      STORE_TIMEOUT: '1s',
    });
    expect(output).toContain('LOVAGE_STORE_UNREACHABLE');
    expect(code).toBe(69);
  });

  it('no command', async () => {
    await expect(commands.run([])).resolves.toMatchObject({
      code: 64,
      output: expect.stringContaining('worker'),
    });
    await expect(commands.run(['work'])).resolves.toMatchObject({
      code: 64,
      output: expect.stringContaining("unknown command 'work'"),
    });
    await expect(commands.run(['--version'])).resolves.toMatchObject({ code: 0 });
    await expect(commands.run(['worker', '--help'])).resolves.toMatchObject({
      code: 0,
      output: expect.stringContaining('LOVAGE_QUEUES'),
    });
  });
});
