import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artifactsFolder } from '@lovage/services';

describe('artifactsFolder', () => {
  const before = process.env['LOVAGE_ARTIFACTS'];

  afterEach(() => {
    if (before === undefined) delete process.env['LOVAGE_ARTIFACTS'];
    else process.env['LOVAGE_ARTIFACTS'] = before;
  });

  it('is at the root of the repository', () => {
    delete process.env['LOVAGE_ARTIFACTS'];
    const root = fileURLToPath(new URL('../../../../', import.meta.url));
    expect(artifactsFolder()).toBe(join(root, 'artifacts'));
  });

  it('is where LOVAGE_ARTIFACTS says, and is created with its subfolders', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lovage-artifacts-'));
    process.env['LOVAGE_ARTIFACTS'] = folder;
    expect(artifactsFolder('sample', 'phone')).toBe(join(folder, 'sample', 'phone'));
    expect(existsSync(join(folder, 'sample', 'phone'))).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
