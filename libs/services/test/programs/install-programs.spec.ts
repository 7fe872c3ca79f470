import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildProgram, ensureInstalled, findPrograms } from '@lovage/services';

// Programs start slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(60_000);

const script = fileURLToPath(new URL('../../../../tools/install-programs.mjs', import.meta.url));

describe('installed programs', () => {
  let folder: string;
  let catalogue: string;
  let program: string;
  let aptLog: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lovage-programs-'));
    catalogue = join(folder, 'programs.json');
    program = join(folder, 'frobnicator');
    aptLog = join(folder, 'apt.log');
    writeFileSync(
      catalogue,
      JSON.stringify([
        {
          name: 'frobnicator',
          title: 'The frobnicator',
          executable: program,
          files: [program],
          probe: [join(folder, 'other-frobnicator'), '--version'],
          debianPackages: ['frobnicator', 'frobnicator-data'],
        },
      ]),
    );
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function executable(name: string, lines: readonly string[]): string {
    const path = join(folder, name);
    writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
    chmodSync(path, 0o755);
    return path;
  }

  /** An apt-get that writes its arguments down and "installs" by creating the program. */
  function workingApt(): string {
    return executable('apt-get', [
      `echo "$DEBIAN_FRONTEND $*" >> '${aptLog}'`,
      `case "$*" in *install*) touch '${program}' ;; esac`,
    ]);
  }

  it('finds a program by its files', () => {
    writeFileSync(program, '');
    expect(findPrograms(['frobnicator'], { catalogue })).toStrictEqual([
      {
        name: 'frobnicator',
        title: 'The frobnicator',
        status: 'available',
        executable: program,
        install: 'apt-get install --yes frobnicator frobnicator-data',
      },
    ]);
  });

  it('finds a program that was installed in another way by asking it', () => {
    executable('other-frobnicator', ['test "$*" = --version']);
    expect(findPrograms(['frobnicator'], { catalogue })).toMatchObject([{ status: 'available' }]);
  });

  it('tells how to install what is missing, and installs nothing when only asked to look', () => {
    expect(findPrograms(['frobnicator'], { catalogue })).toMatchObject([
      {
        status: 'missing',
        install: 'apt-get install --yes frobnicator frobnicator-data',
        reason: 'only looked',
      },
    ]);
  });

  it('installs what is missing, without questions', () => {
    const report = ensureInstalled('frobnicator', { catalogue, aptGet: workingApt() });
    expect(report).toMatchObject({ status: 'installed' });
    expect(readFileSync(aptLog, 'utf8').trim().split('\n')).toStrictEqual([
      'noninteractive --quiet=2 update',
      'noninteractive --quiet=2 install -o DPkg::Lock::Timeout=300 --yes --no-install-recommends frobnicator frobnicator-data',
    ]);
  });

  it('leaves apt-get alone when nothing is missing', () => {
    writeFileSync(program, '');
    expect(ensureInstalled('frobnicator', { catalogue, aptGet: workingApt() })).toMatchObject({
      status: 'available',
    });
    expect(existsSync(aptLog)).toBe(false);
  });

  it('reports why an installation failed', () => {
    const aptGet = executable('apt-get', ['echo "E: Unable to locate package" >&2', 'exit 100']);
    expect(ensureInstalled('frobnicator', { catalogue, aptGet })).toMatchObject({
      status: 'missing',
      reason:
        'apt-get update failed: E: Unable to locate package; apt-get install failed: E: Unable to locate package',
    });
  });

  it('forgives a failed update when the installation succeeds', () => {
    const aptGet = executable('apt-get', [
      `case "$*" in *install*) touch '${program}' ;; *) exit 100 ;; esac`,
    ]);
    expect(ensureInstalled('frobnicator', { catalogue, aptGet })).toMatchObject({ status: 'installed' });
  });

  it('reports a program that is not found although its packages were installed', () => {
    const aptGet = executable('apt-get', ['exit 0']);
    expect(ensureInstalled('frobnicator', { catalogue, aptGet })).toMatchObject({
      status: 'missing',
      reason: 'its packages are installed, but it is still not found',
    });
  });

  it('installs once when several processes find the same program missing', async () => {
    const args = [script, '--json', '--catalogue', catalogue, '--apt-get', workingApt(), 'frobnicator'];
    const runs = Array.from({ length: 4 }, () => new ChildProgram({ command: process.execPath, args }));
    await Promise.all(runs.map((run) => run.start()));
    const exits = await Promise.all(runs.map((run) => run.exited));
    expect(exits.map(({ code }) => code)).toStrictEqual([0, 0, 0, 0]);
    const installs = readFileSync(aptLog, 'utf8')
      .split('\n')
      .filter((line) => line.includes(' install '));
    expect(installs).toHaveLength(1);
  });

  it('says on the command line what is missing and how to install it', async () => {
    const run = new ChildProgram({
      command: process.execPath,
      args: [script, '--catalogue', catalogue],
      env: { LOVAGE_INSTALL: 'never' },
    });
    await run.start();
    await expect(run.exited).resolves.toStrictEqual({ code: 1, signal: null });
    expect(run.output('stderr')).toBe(
      'missing for tests: The frobnicator (LOVAGE_INSTALL is "never"). ' +
        'Install it with: apt-get install --yes frobnicator frobnicator-data',
    );
  });

  it('refuses a name that is not in the catalogue', () => {
    expect(() => findPrograms(['frobnicate'], { catalogue })).toThrow(
      'no such program in the catalogue: frobnicate. There are: frobnicator',
    );
  });

  it('has a catalogue with all programs that this package starts', () => {
    const names = ['celery', 'chromium', 'redis-server'];
    expect(findPrograms(names).map(({ name }) => name)).toStrictEqual(names);
  });
});
