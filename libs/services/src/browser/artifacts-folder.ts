import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repositoryRoot = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Absolute path of the folder for what people look at after a test run, such as screenshots. It is created when
 * missing. The environment variable LOVAGE_ARTIFACTS names another one than `artifacts` at the root of the repository.
 */
export function artifactsFolder(...subfolders: readonly string[]): string {
  const configured = process.env['LOVAGE_ARTIFACTS'];
  const root =
    configured === undefined || configured === '' ? join(repositoryRoot, 'artifacts') : resolve(configured);
  const folder = join(root, ...subfolders);
  mkdirSync(folder, { recursive: true });
  return folder;
}
