/**
 * An `aws login` kept in the file that the AWS tools share. They renew it too, without a lock and partly in place:
 *
 * - a file that is gone is a sign-out, and is never made again;
 * - another key in it is a new sign-in, which wins; another token under the same key wins when it lives longer;
 * - what was written is read back, because somebody may have written at the same moment; half a file is written again.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Timers } from '../core/ports.ts';
import type { Cancel } from '../core/types.ts';
import type { LoginCache, LoginRecord, LoginSaved, StoredLogin } from '../providers/aws-login/types.ts';
import type { Found } from './json-cache-file.ts';
import { JsonCacheFile } from './json-cache-file.ts';
import { loginCacheFileName, loginFileOf, loginRecordOf } from './login-cache-format.ts';

export interface LoginCacheOptions {
  /** Made by the AWS CLI. */
  readonly directory: string;
  /** As configured. */
  readonly loginSession: string;
  readonly timers: Timers;
}

/** Where the AWS tools keep such files. */
export const loginCacheDirectory = (env: NodeJS.ProcessEnv): string => {
  const home = env['HOME'] ?? homedir();
  const chosen = env['AWS_LOGIN_CACHE_DIRECTORY'];
  // Like botocore, which expands variables before the home.
  if (chosen === undefined || chosen === '') return join(home, '.aws', 'login', 'cache');
  const named = chosen.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, plain) => env[braced ?? plain] ?? whole);
  return named.replace(/^~(?=$|[/\\])/, () => home);
};

const attempts = 3;

export class SharedLoginCache implements LoginCache {
  readonly #file: JsonCacheFile<LoginRecord>;

  constructor({ directory, loginSession, timers }: LoginCacheOptions) {
    const path = join(directory, loginCacheFileName(loginSession));
    this.#file = new JsonCacheFile({ path, timers, parse: loginRecordOf, remedy: 'To replace it, run: aws login' });
  }

  load = async (): Promise<StoredLogin> => {
    const found = await this.#file.read();
    if (found.type === 'found') return { type: 'found', record: found.value };
    return found.type === 'gone' ? found : { type: 'unreadable', detail: found.detail };
  };

  save = async (record: LoginRecord, replaced: LoginRecord): Promise<LoginSaved> => {
    for (let attempt = 1; ; attempt++) {
      const found = await this.#file.read();
      const settled = settledBy(found, record, replaced);
      if (settled !== null) return settled;
      if (attempt > attempts) return { type: 'failed', detail: 'other programs write the file at the same time' };
      const written = this.#file.write(loginFileOf(record, found.type === 'found' ? found.value.file : record.file));
      if (written.type === 'failed') return written;
      await this.#file.pause();
    }
  };

  watch = (changed: () => void): Cancel => this.#file.watch(changed);
}

/** Null where ours is still to be written. */
const settledBy = (found: Found<LoginRecord>, record: LoginRecord, replaced: LoginRecord): LoginSaved | null => {
  if (found.type === 'gone') return found;
  if (found.type === 'unreadable') return found.writable ? null : { type: 'failed', detail: found.detail };
  if (isSame(found.value, record)) return { type: 'saved' };
  const isTheirs =
    !isSame(found.value, replaced) && (isNewSignIn(found.value, replaced) || found.value.expiresAt > record.expiresAt);
  return isTheirs ? { type: 'changed', record: found.value } : null;
};

const isNewSignIn = (stored: LoginRecord, replaced: LoginRecord): boolean =>
  stored.refresh?.dpopKey !== replaced.refresh?.dpopKey;

const isSame = (one: LoginRecord, other: LoginRecord): boolean =>
  one.accessKeyId === other.accessKeyId &&
  one.refresh?.refreshToken === other.refresh?.refreshToken &&
  !isNewSignIn(one, other);
