import { existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Resolves once the file exists. Its directory must. */
export const appears = (file: string): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(dirname(file), look);
    look();
  });
