import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of this user below the folder for temporary files, always the same one.
 *
 * @throws Error when somebody else has taken its name, or could change what is in it
 */
export async function privateTemporaryFolder(name: string, parent = tmpdir()): Promise<string> {
  // Windows has no user ids, and a folder for temporary files for each user.
  const userId = process.getuid?.();
  const path = join(parent, userId === undefined ? name : `${name}-${userId}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  const foreign = userId !== undefined && (found.uid !== userId || (found.mode & 0o022) !== 0);
  if (foreign || !found.isDirectory()) {
    throw new Error(
      `${path} is not a private folder of this user. Remove it, or choose one: LOVAGE_UPLOADS=…`,
    );
  }
  return path;
}

/** Whether the process that made this folder is gone. */
export async function isAbandoned(path: string, processId: number): Promise<boolean> {
  // In a container every start has the same process id: then only the time tells them apart.
  if (processId === process.pid) return (await ageMs(path)) > process.uptime() * 1000;
  try {
    process.kill(processId, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Time since a file or folder was last changed, in milliseconds; 0 when it is gone. */
export async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await lstat(path)).mtimeMs;
  } catch {
    return 0;
  }
}
