import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, waitFor } from '@lovage/services';
import { compileServices, outsideJest } from './outside-jest.js';
import { processRuns } from './process-probes.js';

// Programs start slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(60_000);

/** Starts one of each, and lists the processes that there are then, below it or in groups of their own. */
const testProcess = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { CeleryPeer, ChildProgram, Chromium } from '@lovage/services';
  const deaf = new ChildProgram({ command: '/bin/sh', args: ['-c', 'trap "" TERM HUP; sleep 1000 & wait'] });
  const peer = new CeleryPeer();
  const chromium = new Chromium({ parentFolder: process.argv[1] });
  await Promise.all([deaf.start(), peer.start(), chromium.start()]);
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
    try {
      const stat = readFileSync('/proc/' + name + '/stat', 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {}
  }
  const isOurs = (pid) => pid === process.pid || (parents.has(pid) && isOurs(parents.get(pid)));
  console.log('family ' + [...parents.keys()].filter(isOurs).join(' '));
`;

beforeAll(compileServices);

describeWith(['celery', 'chromium'], 'the programs of a test process that is killed', () => {
  it('are gone, with their descendants and folders', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
    const program = outsideJest(testProcess, [folder]);
    await program.start();
    const [, family = ''] = await program.waitForLine(/^family (.+)$/, { withinMs: 60_000 });
    const pids = family.split(' ').map(Number);
    // Node, three guardians, sh and sleep, Python, and Chromium's many.
    expect(pids.length).toBeGreaterThan(8);
    expect(pids.filter(processRuns)).toContain(program.pid);
    process.kill(program.pid, 'SIGKILL');
    await waitFor(() => !pids.some(processRuns), { withinMs: 30_000, what: 'the whole family to be gone' });
    await waitFor(() => readdirSync(folder).length === 0, {
      withinMs: 30_000,
      what: 'the folder to be empty',
    });
    rmSync(folder, { recursive: true });
  });
});
