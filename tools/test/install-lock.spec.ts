import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InstallLock } from '../install-lock.mjs';
import { identityOf } from '../process-identity.mjs';
import { TemporaryTree } from './temporary-tree.js';

describe('InstallLock', () => {
  let tree: TemporaryTree;
  let file: string;
  let children: ChildProcess[];

  beforeEach(() => {
    tree = new TemporaryTree();
    file = join(tree.path, '.install.lock');
    children = [];
  });

  afterEach(async () => {
    for (const child of children) await end(child);
    tree.remove();
  });

  function living(): ChildProcess & { readonly pid: number } {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    children.push(child);
    if (child.pid === undefined) throw new Error('node could not be started');
    return Object.assign(child, { pid: child.pid });
  }

  it('is taken at once when it is free, and leaves nothing when it is released', async () => {
    const lock = new InstallLock(file);
    expect(await acquired(lock)).toEqual([]);
    expect(existsSync(file)).toBe(true);
    lock.release();
    expect(readdirSync(tree.path)).toEqual([]);
  });

  it('is taken from the dead', async () => {
    const child = living();
    tree.write('.install.lock', `${identityOf(child.pid)}\n`);
    await end(child);
    expect(await acquired(new InstallLock(file))).toEqual([]);
    expect(readdirSync(tree.path)).toEqual(['.install.lock']);
  });

  it('is taken from a process whose number belongs to another one by now', async () => {
    tree.write('.install.lock', `${process.pid}@1\n`);
    expect(await acquired(new InstallLock(file))).toEqual([]);
  });

  it('is waited for while its holder lives', async () => {
    const child = living();
    tree.write('.install.lock', `${identityOf(child.pid)}\n`);
    expect(await acquired(new InstallLock(file))).toEqual([child.pid]);
  });

  it('outlives the process that shared it, until the child ends', async () => {
    const [parent, child] = [living(), living()];
    tree.write('.install.lock', `${identityOf(parent.pid)}\n${identityOf(child.pid)}\n`);
    await end(parent);
    expect(await acquired(new InstallLock(file))).toEqual([child.pid]);
  });

  it('names the child too once it is shared', async () => {
    const lock = new InstallLock(file);
    await acquired(lock);
    const child = living();
    lock.shareWith(child.pid);
    const holders = [identityOf(process.pid), identityOf(child.pid)];
    expect(lock.holders()).toEqual(holders);
  });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Acquires; resolves with the processes that it says it waits for, each of which is killed then. */
async function acquired(lock: InstallLock): Promise<number[]> {
  const waitedFor: number[] = [];
  await lock.acquire((pid: string) => {
    waitedFor.push(Number(pid));
    process.kill(Number(pid), 'SIGKILL');
  });
  return waitedFor;
}
