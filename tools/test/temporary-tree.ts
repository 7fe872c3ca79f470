import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder with files in it that goes away when it is disposed of. */
export class TemporaryTree {
  readonly path = mkdtempSync(join(tmpdir(), 'lovage-tools-'));

  /** @param files content by path */
  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string): void {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Makes `path` a link to the folder `target` of the tree. */
  link(target: string, path: string): void {
    const place = join(this.path, path);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(this.path, target), place, 'dir');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
