/** What an `aws login` is to us, and what it takes to use one. */
import type { Log } from '../../core/ports.ts';
import type { Cancel, EpochMs } from '../../core/types.ts';
import type { Http } from '../http.ts';

/** A profile with a `login_session`. */
export interface AwsLoginProfile {
  readonly name: string;
  /** The principal's ARN, as configured. */
  readonly loginSession: string;
  readonly region: string | null;
  /** Where the person signed in, if the settings say so. */
  readonly signInRegion: string | null;
}

/** What the AWS tools keep of one sign-in. */
export interface LoginRecord {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly accountId: string | null;
  readonly expiresAt: EpochMs;
  /** Null where the file lacks a part of it: it cannot be refreshed then. */
  readonly refresh: LoginRefresh | null;
  /** Where the person signed in, if the tool that wrote the file noted it. */
  readonly signInRegion: string | null;
  /** Everything that stands in the file. */
  readonly file: Readonly<Record<string, unknown>>;
}

export interface LoginRefresh {
  readonly clientId: string;
  readonly refreshToken: string;
  /** PEM of a private key of P-256. */
  readonly dpopKey: string;
}

/** One sign-in's file, which other tools read and write too. Never throws. */
export interface LoginCache {
  /** `gone` when nobody is signed in; `unreadable` when there is something that cannot be read now. */
  readonly load: () => Promise<StoredLogin>;
  /** `replaced` is what was read before the refresh. A file that is gone since is not made again. */
  readonly save: (record: LoginRecord, replaced: LoginRecord) => Promise<LoginSaved>;
  /** Calls back after another program changed the file. */
  readonly watch: (changed: () => void) => Cancel;
}

export type StoredLogin =
  | { readonly type: 'found'; readonly record: LoginRecord }
  | { readonly type: 'gone' }
  | { readonly type: 'unreadable'; readonly detail: string };

export type LoginSaved =
  | { readonly type: 'saved' }
  /** Another tool has stored something since that is to be used instead. */
  | { readonly type: 'changed'; readonly record: LoginRecord }
  | { readonly type: 'gone' }
  /** The caller keeps the record in memory and tries again. */
  | { readonly type: 'failed'; readonly detail: string };

/** In which region each sign-in was last refreshed: no AWS tool writes that down. */
interface LoginRegions {
  readonly recall: (loginSession: string) => string | null;
  readonly remember: (loginSession: string, region: string) => void;
}

export interface AwsLoginDependencies extends Http {
  readonly log: Pick<Log, 'warn'>;
  readonly regions: LoginRegions;
  readonly openCache: (loginSession: string) => LoginCache;
  /** Null for the region's own. */
  readonly endpointOf: (region: string) => string | null;
}
