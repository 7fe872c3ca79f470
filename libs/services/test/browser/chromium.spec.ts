import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifactsFolder, Chromium, deadlineIn, describeWith, freePort } from '@lovage/services';

// Programs start slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(60_000);

let parentFolder: string;

beforeEach(() => {
  parentFolder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
});

afterEach(() => {
  rmSync(parentFolder, { recursive: true });
});

describeWith('chromium', 'Chromium', () => {
  let server: Server;
  let address: string;

  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}/`;
    server = createServer((_request, response) => {
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><title>Hello</title><h1>From the server</h1>');
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('shows a page, makes a screenshot, keeps contexts apart, and leaves nothing behind', async () => {
    const chromium = new Chromium({ parentFolder });
    const browser = await chromium.start();
    expect(await chromium.start()).toBe(browser);
    expect(readdirSync(parentFolder)).toHaveLength(1);
    try {
      const [one, other] = [await browser.newContext(), await browser.newContext()];
      const page = await one.newPage();
      await page.goto(address);
      await expect(page.textContent('h1')).resolves.toBe('From the server');
      const file = join(artifactsFolder('services'), 'chromium.png');
      await page.screenshot({ path: file });
      expect(statSync(file).size).toBeGreaterThan(1000);
      await one.addCookies([{ name: 'a', value: '1', url: address }]);
      await expect(other.cookies()).resolves.toStrictEqual([]);
    } finally {
      await chromium.stop();
    }
    await chromium.stop();
    expect(browser.isConnected()).toBe(false);
    expect(readdirSync(parentFolder)).toStrictEqual([]);
    await expect(chromium.start()).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
  });

  it('is ended by force when it does not close in time', async () => {
    const chromium = new Chromium({ parentFolder });
    const browser = await chromium.start();
    await chromium.stop(deadlineIn(0));
    expect(browser.isConnected()).toBe(false);
  });

  it('may be stopped after it has crashed', async () => {
    const chromium = new Chromium({ parentFolder });
    const browser = await chromium.start();
    const gone = new Promise<void>((resolve) => {
      browser.once('disconnected', () => resolve());
    });
    const [folder = ''] = readdirSync(parentFolder);
    const holder = readlinkSync(join(parentFolder, folder, 'profile', 'SingletonLock'));
    process.kill(Number(holder.replace(/^.*-/, '')), 'SIGKILL');
    await gone;
    await chromium.stop();
    expect(readdirSync(parentFolder)).toStrictEqual([]);
  });
});

describe('Chromium where there is none', () => {
  it('says so, and leaves nothing behind', async () => {
    const chromium = new Chromium({ executable: '/nowhere/chromium', parentFolder });
    await expect(chromium.start()).rejects.toMatchObject({
      code: 'PROGRAM_NOT_STARTED',
      message: expect.stringContaining('/nowhere/chromium') as unknown,
    });
    expect(readdirSync(parentFolder)).toStrictEqual([]);
    await chromium.stop();
  });

  it('may be stopped without a start', async () => {
    const chromium = new Chromium();
    await chromium.stop();
    await expect(chromium.start()).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
  });
});
