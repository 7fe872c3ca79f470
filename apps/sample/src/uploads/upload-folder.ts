import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type Settings, tasksDieWithProcess } from '../settings.js';
import { ageMs, isAbandoned, privateTemporaryFolder } from './temporary-folder.js';

/** Uploads of tasks that wait in a broker of their own; whoever comes next may count them. */
const keptFolder = 'kept';
/** Uploads of tasks that live in the memory of the process with this id, and die with it. */
const runFolder = /^run-(\d+)-\w+$/;
/** Names that multer gives to files. */
const uploadName = /^[0-9a-f]{32}$/;

/** A task that has not started after this time is REVOKED (expired). */
export const countExpires = '1h';
/** Twice that: nobody will ask for an older file. */
const uploadTtlMs = 2 * 60 * 60 * 1000;

/**
 * Where uploads wait for their task. A task removes an upload when its words are counted; what crashed and revoked tasks leave
 * behind is swept when the application starts and when a file comes in. Nothing is removed but folders and files with
 * names as we give them.
 */
export class UploadFolder implements OnApplicationShutdown {
  private readonly logger = new Logger(UploadFolder.name);

  private constructor(
    private readonly base: string,
    /** Absolute path of the folder that takes new uploads. */
    readonly path: string,
    private readonly diesWithProcess: boolean,
  ) {}

  static async open(settings: Settings): Promise<UploadFolder> {
    const { uploads } = settings;
    const base = uploads === undefined ? await privateTemporaryFolder('lovage-sample') : resolve(uploads);
    await mkdir(base, { recursive: true, mode: 0o700 });
    const diesWithProcess = tasksDieWithProcess(settings);
    const path = diesWithProcess ? await mkdtemp(join(base, `run-${process.pid}-`)) : join(base, keptFolder);
    await mkdir(path, { recursive: true, mode: 0o700 });
    const folder = new UploadFolder(base, path, diesWithProcess);
    await folder.sweep();
    return folder;
  }

  /**
   * Path of an upload. The name comes out of a message, so it must not lead anywhere else.
   *
   * @throws Error when it is no name of an upload
   */
  pathOf(name: string): string {
    if (!uploadName.test(name)) throw new Error(`"${name}" is not the name of an upload`);
    return join(this.path, name);
  }

  /** Path of the counts of a part of an upload; the name follows from that of the upload, and is swept like one. */
  pathOfPart(name: string, index: number): string {
    return join(dirname(this.pathOf(name)), createHash('md5').update(`${name}:${index}`).digest('hex'));
  }

  /** Path of a file that is not there yet, with a name that is swept like that of an upload. */
  newPath(): string {
    return join(this.path, randomBytes(16).toString('hex'));
  }

  /** Removes an upload, and the counts of its parts. */
  async remove(name: string, parts = 0): Promise<void> {
    const own = Array.from({ length: parts }, (_, index) => this.pathOfPart(name, index));
    for (const path of [this.pathOf(name), ...own]) await this.discard(path);
  }

  /** Removes what nobody will ask for any more. What can not be removed is left for the next time. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.base)) {
      const path = join(this.base, name);
      const processId = runFolder.exec(name)?.[1];
      if (processId === undefined || path === this.path) continue;
      if (await isAbandoned(path, Number(processId))) await this.discard(path);
    }
    for (const name of await readdir(this.path)) {
      const path = join(this.path, name);
      if (uploadName.test(name) && (await ageMs(path)) > uploadTtlMs) await this.discard(path);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.diesWithProcess) await this.discard(this.path);
  }

  private async discard(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      this.logger.warn(`could not remove ${path}: ${String(error)}`);
    }
  }
}
