import { execFileSync } from 'node:child_process';
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
