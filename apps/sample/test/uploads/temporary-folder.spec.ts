import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateTemporaryFolder } from '../../src/uploads/temporary-folder.js';

describe('privateTemporaryFolder', () => {
  let parent: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
  });

  afterEach(async () => {
    await rm(parent, { recursive: true });
  });

  it('is always the same, and for this user only', async () => {
    const folder = await privateTemporaryFolder('uploads', parent);
    expect(await privateTemporaryFolder('uploads', parent)).toBe(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('refuses a folder into which others can write', async () => {
    await chmod(await privateTemporaryFolder('uploads', parent), 0o777);
    await expect(privateTemporaryFolder('uploads', parent)).rejects.toThrow('LOVAGE_UPLOADS');
  });

  it('refuses a link to another folder', async () => {
    const folder = await privateTemporaryFolder('uploads', parent);
    await rm(folder, { recursive: true });
    await mkdir(join(parent, 'other'));
    await symlink(join(parent, 'other'), folder);
    await expect(privateTemporaryFolder('uploads', parent)).rejects.toThrow('is not a private folder');
  });
});
