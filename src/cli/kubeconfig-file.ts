/** The kubeconfig of whoever runs this. kubectl's own lock is taken, too: it would write over what it did not read. */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentContext, type KubeContext, withContexts } from '../../config/kubeconfig.ts';
import { kubeconfigFiles } from '../../config/kubeconfig-files.ts';
import { statePaths } from '../../config/paths.ts';
import { editFile } from '../adapters/edit-file.ts';
import { BrokerError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { systemCode } from './exit.ts';

export interface Written {
  readonly file: string;
  /** Which context is the current one now. */
  readonly current: string | null;
}

/** The first of them becomes the current context where there is none, or where it is the only one. */
export async function writeContexts(context: Context, contexts: readonly KubeContext[]): Promise<Written> {
  const { env, platform, signals } = context;
  const [file, ...others] = kubeconfigFiles(env, platform);
  const elsewhere = await Promise.all(others.map(currentIn));
  const locks = join(statePaths(env, platform).directory, 'locks');
  let current: string | null = null;
  const edit = (text: string | null): string => {
    const before = currentContext(text ?? '') ?? elsewhere.find((name) => name !== null) ?? null;
    const chosen = contexts.length === 1 || before === null ? (contexts[0]?.name ?? null) : null;
    current = chosen ?? before;
    return withContexts(text, contexts, chosen);
  };
  await locked(file, signals.aborted, () => editFile({ path: file, locks, signal: signals.aborted }, edit));
  return { file, current };
}

/** Null where it cannot be read: kubectl passes over a file that is not there. */
const currentIn = (path: string): Promise<string | null> => readFile(path, 'utf8').then(currentContext, () => null);

/** kubectl gives up at once; it holds its lock for a moment. */
const lockTries = 20;
const lockPauseMs = 50;

/** As client-go locks: https://github.com/kubernetes/client-go/blob/master/tools/clientcmd/config.go */
async function locked(file: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const lock = `${file}.lock`;
  await take(lock, signal);
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Whatever else keeps a lock from being made keeps the kubeconfig from being written, too: the edit says what it is. */
async function take(lock: string, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(lock), { recursive: true, mode: 0o700 }).catch(() => {});
  for (let tries = 1; ; tries++) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      return;
    } catch (cause) {
      if (systemCode(cause) !== 'EEXIST') return;
      if (tries < lockTries) await sleep(lockPauseMs, null, { signal });
      else {
        const message = `"${lock}" says that kubectl edits the kubeconfig. If none does, remove it`;
        throw new BrokerError('Failed', message, { cause });
      }
    }
  }
}
