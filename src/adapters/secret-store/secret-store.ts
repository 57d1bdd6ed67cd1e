/**
 * Secrets by name. Every answer tells three things apart: a value, certainly none, and not to be known now; the last is
 * never taken for a logout.
 */
export interface SecretStore {
  readonly get: (name: string) => Promise<SecretRead>;
  /** Durable when it resolves with `done`. */
  readonly set: (name: string, value: string) => Promise<SecretWrite>;
  /** `done` also when there was nothing. */
  readonly delete: (name: string) => Promise<SecretWrite>;
  /** For `status`, which says "tokens in …": a short noun phrase, and a sentence where something is wrong. */
  readonly describe: () => string;
}

export type SecretRead =
  | { readonly type: 'value'; readonly value: string }
  | { readonly type: 'none' }
  | { readonly type: 'unavailable'; readonly detail: string };

export type SecretWrite = { readonly type: 'done' } | { readonly type: 'unavailable'; readonly detail: string };

/** Where the one key of this installation is. */
export interface KeySource {
  readonly read: () => Promise<KeyRead>;
  /** Only called after `read` said `none`. */
  readonly write: (key: Uint8Array) => Promise<SecretWrite>;
  /** The same, of the file that this key seals. */
  readonly describe: () => string;
}

export type KeyRead =
  | { readonly type: 'value'; readonly key: Uint8Array }
  | { readonly type: 'none' }
  /** `absent`: there is no such service on this machine. `busy`: there is one, and it does not answer, or not yet. */
  | { readonly type: 'unavailable'; readonly why: 'absent' | 'busy'; readonly detail: string };

export const keyBytes = 32;
