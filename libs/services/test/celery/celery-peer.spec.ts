import { fileURLToPath } from 'node:url';
import { CeleryPeer, ChildProgram, deadlineIn, describeWith } from '@lovage/services';

// Programs start slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(60_000);

describeWith('celery', 'the process of a CeleryPeer', () => {
  it('is gone after a stop, also when many ask for it', async () => {
    const peer = new CeleryPeer();
    await Promise.all([peer.start(), peer.start()]);
    await Promise.all([peer.stop(), peer.stop(deadlineIn(0)), peer.stop()]);
    await peer.stop();
    await expect(peer.encode({ name: 'proj.add' })).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
    await expect(peer.start()).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
  });

  it('may be stopped while it starts', async () => {
    const peer = new CeleryPeer();
    const starting = peer.start();
    await peer.stop();
    await expect(starting).rejects.toMatchObject({ code: 'PROGRAM_EXITED' });
  });

  it('rejects what it was asked when it dies', async () => {
    const peer = new CeleryPeer();
    await peer.start();
    // More than a pipe takes at once, so that Python cannot have read it all when it is killed.
    const text = 'x'.repeat(1_000_000);
    const asked = peer.encode({ name: 'proj.echo', args: [text] });
    process.kill(peer.pid, 'SIGKILL');
    await expect(asked).rejects.toMatchObject({
      code: 'PROGRAM_EXITED',
      message: expect.stringMatching(
        /^the Celery peer was ended by SIGKILL before it answered encode/,
      ) as unknown,
    });
    await peer.stop();
  });

  it('ends by itself when its input ends', async () => {
    const script = fileURLToPath(new URL('../../python/celery_peer.py', import.meta.url));
    const program = new ChildProgram({ command: '/usr/bin/python3', args: ['-E', '-s', '-B', script] });
    await program.start();
    await program.waitForLine(/ready/, { withinMs: 60_000 });
    program.endInput();
    await expect(program.exited).resolves.toStrictEqual({ code: 0, signal: null });
  });
});

describe('CeleryPeer without Celery', () => {
  it('says what Python said', async () => {
    const peer = new CeleryPeer({ python: '/bin/cat' });
    await expect(peer.start()).rejects.toMatchObject({
      code: 'PROGRAM_EXITED',
      message: expect.stringContaining('cat:') as unknown,
    });
    await peer.stop();
  });

  it('says that there is no Python', async () => {
    const peer = new CeleryPeer({ python: '/nowhere/python3' });
    await expect(peer.start()).rejects.toMatchObject({ code: 'PROGRAM_NOT_STARTED' });
    expect(() => peer.abilities).toThrow('has not been started');
    await peer.stop();
  });
});
