import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensurePrivateDirectory } from '../../src/adapters/private-directory.ts';
import { asUnprivileged } from '../support/file-faults.ts';
import { cannotRun } from '../support/required.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('the private directory', () => {
  it.each([0o000, 0o022, 0o077])('is made with its parents and mode 0700 under umask %o', (mask) => {
    const path = join(tempDir(), 'state', 'credbroker');
    const before = process.umask(mask);
    try {
      ensurePrivateDirectory(path);
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  });

  it('is accepted as it was left', () => {
    const path = join(tempDir(), 'state');
    ensurePrivateDirectory(path);
    expect(() => ensurePrivateDirectory(path)).not.toThrow();
  });

  it.each([0o750, 0o701, 0o777, 0o710])('is refused with mode %o', (mode) => {
    const path = tempDir();
    chmodSync(path, mode);
    expect(() => ensurePrivateDirectory(path)).toThrow(`"${path}" is open to other users. Run: chmod 700 "${path}"`);
  });

  it('is refused when it is a symbolic link, even to a good directory', () => {
    const link = join(tempDir(), 'link');
    symlinkSync(tempDir(), link);
    expect(() => ensurePrivateDirectory(link)).toThrow(`"${link}" is a symbolic link. Name the directory itself`);
  });

  it('is refused when it is a dangling link or a file', () => {
    const directory = tempDir();
    const [link, file] = [join(directory, 'link'), join(directory, 'file')];
    symlinkSync(join(directory, 'nowhere'), link);
    writeFileSync(file, '');
    for (const path of [link, file]) expect(() => ensurePrivateDirectory(path)).toThrow(path);
    expect(() => statSync(join(directory, 'nowhere'))).toThrow('ENOENT');
  });

  it('is refused when it belongs to another user', (test) => {
    if (process.geteuid?.() !== 0) cannotRun(test, 'giving a directory away takes root');
    const path = tempDir();
    chownSync(path, 65_534, 65_534);
    expect(() => ensurePrivateDirectory(path)).toThrow(
      `"${path}" belongs to another user. Choose a directory of your own`,
    );
  });

  it('is refused below a parent in which any user may replace it', () => {
    const parent = join(tempDir(), 'shared');
    mkdirSync(parent);
    chmodSync(parent, 0o777);
    expect(() => ensurePrivateDirectory(join(parent, 'a', 'b'))).toThrow(
      `Any user may replace what is in "${parent}". Run: chmod o-w "${parent}"`,
    );
  });

  it('is accepted below a shared parent with the sticky bit', () => {
    const parent = join(tempDir(), 'shared');
    mkdirSync(parent);
    chmodSync(parent, 0o1777);
    expect(() => ensurePrivateDirectory(join(parent, 'state'))).not.toThrow();
  });

  it('names itself when it cannot be made', () => {
    const parent = tempDir();
    chmodSync(parent, 0o555);
    const path = join(parent, 'state');
    asUnprivileged(() =>
      expect(() => ensurePrivateDirectory(path)).toThrow(
        `The directory "${path}" cannot be created. Check its parent, or set CREDBROKER_HOME`,
      ),
    );
    chmodSync(parent, 0o700);
  });
});
