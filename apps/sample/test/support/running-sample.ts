import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { configureApp } from '../../src/configure-app.js';
import { readSettings, Settings } from '../../src/settings.js';

/** The application in this process, on a free port, with a folder for uploads of its own. */
export class RunningSample {
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    /** Folder that LOVAGE_UPLOADS would name. */
    readonly uploads: string,
  ) {}

  /** @param env variables of the environment, see `readSettings` */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<RunningSample> {
    const uploads = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(Settings)
      .useValue({ ...readSettings(env), uploads } satisfies Settings)
      .compile();
    const app = testing.createNestApplication<NestExpressApplication>({
      forceCloseConnections: true,
      logger: false,
    });
    configureApp(app);
    await app.listen(0, '127.0.0.1');
    return new RunningSample(app, await app.getUrl(), uploads);
  }

  /** Names of the uploads that are on the disk. */
  async storedUploads(): Promise<readonly string[]> {
    const names = await readdir(this.uploads, { recursive: true, withFileTypes: true });
    return names.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await rm(this.uploads, { recursive: true, force: true });
  }
}
