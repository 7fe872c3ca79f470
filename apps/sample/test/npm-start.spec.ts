import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskView } from '@lovage/nestjs';
import { ChildProgram, freePort, waitFor } from '@lovage/services';
import { readTask } from './support/task-requests.js';
import { textOf } from './support/word-list.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const startedWithin = { withinMs: 180_000 };

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(240_000);

describe('npm start', () => {
  let temporary: string;
  let port: number;
  let url: string;
  let programs: ChildProgram[];

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
    port = await freePort();
    url = `http://127.0.0.1:${port}`;
    programs = [];
  });

  afterEach(async () => {
    await Promise.all(programs.map((program) => program.kill()));
    await rm(temporary, { recursive: true, force: true });
  });

  /** What `npm start` runs, in a process group of its own and with a folder for temporary files of its own. */
  async function start(env: Record<string, string> = {}): Promise<ChildProgram> {
    const program = new ChildProgram({
      name: 'npm start',
      command: process.execPath,
      args: [join(root, 'tools/start.mjs')],
      cwd: root,
      env: {
        NODE_OPTIONS: undefined,
        LOVAGE_BROKER: undefined,
        LOVAGE_RESULTS: undefined,
        LOVAGE_UPLOADS: undefined,
        HOST: undefined,
        TMPDIR: temporary,
        PORT: String(port),
        ...env,
      },
    });
    programs.push(program);
    await program.start();
    return program;
  }

  async function ready(program: ChildProgram): Promise<void> {
    await program.waitForLine(/Open http:\/\/\S+ in a browser/, startedWithin);
  }

  async function submit(operation: string): Promise<string> {
    const response = await fetch(`${url}/math/${operation}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"x":6,"y":7}',
    });
    return ((await response.json()) as { id: string }).id;
  }

  it('says in one line where the page is, and answers there', async () => {
    const program = await start();
    await ready(program);
    const lines = program.output('stdout').split('\n').filter(Boolean);
    expect(lines).toEqual([
      expect.stringContaining(`Open ${url} in a browser. The API is described at ${url}/api`),
    ]);
    expect(program.output('stderr')).toBe('');
    expect((await fetch(url)).headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('starts again on the same port after its process group was killed in the midst of work, and leaves no files', async () => {
    for (let round = 0; round < 2; round += 1) {
      const program = await start();
      await ready(program);
      const form = new FormData();
      form.append('file', new Blob([textOf(48 * 1024 * 1024).text]), 'herbs.txt');
      const response = await fetch(`${url}/words`, { method: 'POST', body: form });
      const { group } = (await response.json()) as { group: string };
      await waitFor(
        async () => {
          const parts = await fetch(`${url}/workflows/groups/${group}`);
          return (await parts.text()).includes('"PROGRESS"');
        },
        { withinMs: 60_000, what: 'words are being counted' },
      );
      await program.kill();
      expect((await storedFiles(temporary)).length).toBeGreaterThan(0);
    }
    const last = await start();
    await ready(last);
    expect(await storedFiles(temporary)).toEqual([]);
    const id = await submit('add');
    expect(await readTask(url, id, '?wait=30s')).toMatchObject({ state: 'SUCCESS', result: 13 });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'lets running tasks end at %s, and exits with status 0',
    async (signal) => {
      const program = await start();
      await ready(program);
      const id = await submit('mul');
      await waitFor(async () => (await readTask(url, id)).state === 'PROGRESS', {
        withinMs: 60_000,
        what: 'mul runs',
      });
      const waiting = readTask(url, id, '?wait=60s');
      // A page that listens must not keep it from ending.
      const listening = fetch(`${url}/tasks/${id}/events`).then(async (response) => await response.text());
      await waitFor(async () => (await readTask(url, id)).state === 'PROGRESS', {
        withinMs: 60_000,
        what: 'both wait',
      });
      program.signal(signal);
      expect(await waiting).toMatchObject({ state: 'SUCCESS', result: 42 } satisfies Partial<TaskView>);
      expect(await listening).toContain('"state":"SUCCESS"');
      expect(await program.exited).toEqual({ code: 0, signal: null });
      expect(program.output('stderr')).toBe('');
      expect(await storedFiles(temporary)).toEqual([]);
    },
  );

  it('says in one line that the port is taken and what to do, and exits with status 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      const program = await start();
      expect(await program.exited).toEqual({ code: 1, signal: null });
      expect(program.output('stderr').trim().split('\n')).toEqual([
        expect.stringMatching(/EADDRINUSE.*Another program has this port.*PORT=3001 npm start/),
      ]);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it.each([
    ['a port that is none', { PORT: 'http' }, /PORT must be a whole number from 0 to 65535, got "http"/],
    ['an address of another machine', { HOST: '192.0.2.1' }, /HOST is no address of this machine/],
    ['a broker that nobody knows', { LOVAGE_BROKER: 'carrier-pigeon://coop' }, /carrier-pigeon/],
  ])('refuses %s in one line, with status 1', async (_what, env, line) => {
    const program = await start(env);
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output('stderr').trim().split('\n')).toEqual([expect.stringMatching(line)]);
  });
});

async function storedFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}
