import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A private directory that is gone when the running test ends. Call it inside a test or `beforeEach`. */
export const tempDir = (): string => {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'cb-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
