import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { signalGroup } from '../process/process-group.js';
import { ProcessGuardian } from '../process/process-guardian.js';
import { ServiceError } from '../process/service-error.js';
import { deadlineIn, type StopDeadline } from '../process/stop-deadline.js';

export interface ChromiumOptions {
  /** Default `/usr/bin/chromium`, Debian's. */
  readonly executable?: string;
  /** Further command line flags. */
  readonly args?: readonly string[];
  /** Where the folder with its profile is made. Default: the folder for temporary files of this machine. */
  readonly parentFolder?: string;
}

/** No traffic of its own, no first-run pages, no need for a graphics card. */
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium of its own, with a fresh profile that is removed with it. */
export class Chromium {
  private starting: Promise<Browser> | undefined;
  private stopping: Promise<void> | undefined;
  private context: BrowserContext | undefined;
  private guardian: ProcessGuardian | undefined;
  private folder: string | undefined;
  private groupId: number | undefined;

  constructor(private readonly options: ChromiumOptions = {}) {}

  /** Starts the browser. Twice is legal and gives the same one. Make a context for each test: `browser.newContext()`. */
  async start(): Promise<Browser> {
    if (this.stopping !== undefined)
      throw new ServiceError('PROGRAM_STOPPED', 'Chromium was stopped; make a new one');
    this.starting ??= this.launch();
    return await this.starting;
  }

  /** Closes the browser, by force when the deadline (default 10 s) has passed. Twice, and before a start, is legal. */
  async stop(deadline: StopDeadline = deadlineIn(10_000)): Promise<void> {
    this.stopping ??= this.stopOnce(deadline);
    await this.stopping;
  }

  private async launch(): Promise<Browser> {
    const folder = await mkdtemp(join(this.options.parentFolder ?? tmpdir(), 'lovage-chromium-'));
    this.folder = folder;
    this.guardian = ProcessGuardian.start();
    this.guardian.watchFolder(folder);
    const profile = join(folder, 'profile');
    try {
      // Loaded here because it is large, and most tests that use this package need no browser.
      const { chromium } = await import('playwright-core');
      // Only a "persistent" context lets us choose the folder of the profile.
      const context = await chromium.launchPersistentContext(profile, {
        executablePath: this.options.executable ?? '/usr/bin/chromium',
        headless: true,
        // As root there is no sandbox to be had.
        chromiumSandbox: process.getuid?.() !== 0,
        args: [...flags, ...(this.options.args ?? [])],
        // Crash reports, sockets and caches go beside the profile, not into the home of whoever runs the tests.
        env: {
          ...definedVariables(),
          HOME: folder,
          XDG_CONFIG_HOME: folder,
          XDG_CACHE_HOME: folder,
          TMPDIR: folder,
        },
        artifactsDir: join(folder, 'artifacts'),
      });
      this.context = context;
      // A link "host-pid", by which Chromium keeps a second one out of the profile. Playwright does not tell the pid.
      const holder = await readlink(join(profile, 'SingletonLock'));
      this.groupId = Number(holder.slice(holder.lastIndexOf('-') + 1));
      this.guardian.watchGroup(this.groupId);
      const browser = context.browser();
      if (browser === null) throw new Error('Playwright gave a context without a browser');
      return browser;
    } catch (cause) {
      await this.close(deadlineIn(0));
      throw new ServiceError('PROGRAM_NOT_STARTED', `Chromium could not be started: ${String(cause)}`, {
        cause,
      });
    }
  }

  private async stopOnce(deadline: StopDeadline): Promise<void> {
    // Whoever started it is told of a failure, which closes everything.
    await this.starting?.catch(() => undefined);
    await this.close(deadline);
  }

  private async close(deadline: StopDeadline): Promise<void> {
    const kill = (): void => {
      if (this.groupId !== undefined) signalGroup(this.groupId, 'SIGKILL');
    };
    const timer = setTimeout(kill, deadline.leftMs());
    try {
      await this.context?.close();
    } catch {
      // It does not close in peace, or has crashed already.
      kill();
    } finally {
      clearTimeout(timer);
      // A process of it that is just ending may still write.
      if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
      this.guardian?.release();
    }
  }
}

function definedVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
