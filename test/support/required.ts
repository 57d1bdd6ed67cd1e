import { execFileSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/** A visible skip on a developer's machine; a failure in CI, where nobody would read it. */
export const cannotRun = (test: TestContext, reason: string): never => {
  if (process.env['CI'] === 'true' && process.platform === 'linux') throw new Error(`This test cannot run: ${reason}`);
  return test.skip(reason);
};

export const isInstalled = (tool: string): boolean => {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The tool's name, once it is known to be installed. */
export const requireTool = (test: TestContext, tool: string): string =>
  isInstalled(tool) ? tool : cannotRun(test, `"${tool}" is not installed`);

export const requireTools = (test: TestContext, tools: readonly string[]): void => {
  for (const tool of tools) requireTool(test, tool);
};
