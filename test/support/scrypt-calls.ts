import { createHook } from 'node:async_hooks';
import { onTestFinished } from 'vitest';

/** How often scrypt has begun to work in this process, from now until the test ends. */
export const countScrypt = (): (() => number) => {
  let calls = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'SCRYPTREQUEST') calls += 1;
    },
  }).enable();
  onTestFinished(() => void hook.disable());
  return () => calls;
};
