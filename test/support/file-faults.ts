import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import type { TestContext } from 'vitest';
import { onTestFinished } from 'vitest';
import { cannotRun, requireTool } from './required.ts';
import { tempDir } from './temp-dir.ts';

const nobody = 65_534;

/** Runs `act` with the rights of a user to whom file modes apply, since root passes over them. Synchronous only. */
export const asUnprivileged = (act: () => void): void => {
  if (process.geteuid?.() !== 0) {
    act();
    return;
  }
  process.seteuid?.(nobody);
  try {
    act();
  } finally {
    process.seteuid?.(0);
  }
};

/** A directory on a disk of 64 KiB. Skips the test where none can be mounted. */
export const tinyFileSystem = (test: TestContext): string => {
  const directory = tempDir();
  try {
    execFileSync(requireTool(test, 'mount'), ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', directory], {
      stdio: 'pipe',
    });
  } catch {
    cannotRun(test, 'mounting a small file system takes root');
  }
  onTestFinished(() => {
    execFileSync(requireTool(test, 'umount'), ['-l', directory]);
  });
  return directory;
};

/** Takes the right to write in this directory away, from root too; the answer gives it back. */
export const readOnly = (test: TestContext, directory: string): (() => void) => {
  if (process.geteuid?.() !== 0) {
    chmodSync(directory, 0o500);
    onTestFinished(() => chmodSync(directory, 0o700));
    return () => chmodSync(directory, 0o700);
  }
  const mount = (...words: string[]): Buffer => execFileSync(requireTool(test, 'mount'), words, { stdio: 'pipe' });
  try {
    mount('--bind', directory, directory);
  } catch {
    cannotRun(test, 'mounting a directory takes root with its capabilities');
  }
  onTestFinished(() => void execFileSync(requireTool(test, 'umount'), ['-l', directory]));
  mount('-o', 'remount,bind,ro', directory);
  return () => void mount('-o', 'remount,bind,rw', directory);
};
