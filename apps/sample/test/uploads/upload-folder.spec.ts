import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../src/settings.js';
import { UploadFolder } from '../../src/uploads/upload-folder.js';

const name = 'a'.repeat(32);
const longAgo = new Date('2020-01-01');

describe('UploadFolder', () => {
  let base: string;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
  });

  afterEach(async () => {
    await rm(base, { recursive: true });
  });

  async function open(broker = 'memory://'): Promise<UploadFolder> {
    return await UploadFolder.open({ ...readSettings({}), broker, uploads: base });
  }

  async function leftBy(processId: number, changed = new Date()): Promise<string> {
    const folder = join(base, `run-${processId}-abcdef`);
    await mkdir(folder);
    await writeFile(join(folder, name), 'text');
    await utimes(folder, changed, changed);
    return folder;
  }

  async function exists(path: string): Promise<boolean> {
    return await stat(path).then(
      () => true,
      () => false,
    );
  }

  async function deadProcessId(): Promise<number> {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    return child.pid ?? 0;
  }

  it('makes the folder, for this user only', async () => {
    const folder = await UploadFolder.open({ ...readSettings({}), uploads: join(base, 'new', 'folder') });
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  });

  it('gives no path to anything but uploads', async () => {
    const folder = await open();
    expect(folder.pathOf(name)).toBe(join(folder.path, name));
    for (const wrong of ['', '.', '..', `../${name}`, `${name}/..`, `${name}\n`, name.toUpperCase()]) {
      expect(() => folder.pathOf(wrong)).toThrow('is not the name of an upload');
    }
  });

  it('removes what a killed process has left, and nothing of those that run', async () => {
    const dead = await leftBy(await deadProcessId());
    const alive = await leftBy(process.ppid);
    const other = await open();
    await open();
    expect(await exists(dead)).toBe(false);
    expect(await exists(alive)).toBe(true);
    expect(await exists(other.path)).toBe(true);
  });

  it('removes what a killed process with the same id has left, as it happens in containers', async () => {
    const left = await leftBy(process.pid, longAgo);
    await open();
    expect(await exists(left)).toBe(false);
  });

  it('removes nothing that is not its own', async () => {
    await mkdir(join(base, 'run-away'));
    await mkdir(join(base, 'photos'));
    await writeFile(join(base, name), 'text');
    await open();
    expect(await readdir(base)).toEqual(expect.arrayContaining(['run-away', 'photos', name]));
  });

  it('removes its own folder at the end', async () => {
    const folder = await open();
    await folder.onApplicationShutdown();
    expect(await readdir(base)).toEqual([]);
  });

  it('keeps uploads for the tasks of a broker of its own, until none of them can start any more', async () => {
    const folder = await open('redis://localhost');
    await writeFile(folder.pathOf(name), 'text');
    const old = folder.pathOf('b'.repeat(32));
    await writeFile(old, 'text');
    await utimes(old, longAgo, longAgo);
    await folder.onApplicationShutdown();
    const next = await open('redis://localhost');
    expect(await readdir(next.path)).toEqual([name]);
  });
});
