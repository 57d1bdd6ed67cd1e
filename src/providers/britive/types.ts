/** What Britive needs besides what every provider is given; the core's words under the names that are used here. */
import type { ProviderDependencies } from '../provider.ts';

export type { BritiveProfileSettings, BritiveSessionSettings } from '../../core/settings.ts';
export type {
  AcquireRequest,
  Checkout,
  Credentials,
  EpochMs,
  LeaseUpstream,
  LoginOutcome,
  LoginRequest,
  RefreshedTokens,
  SessionRecord,
  SessionUpstream,
  TokenType,
  Verdict,
} from '../../core/types.ts';
export { epoch } from '../../core/types.ts';
export type { Answers, ProgressEvent, ProgressName, Wish } from '../../core/wish.ts';

/** A cache: what cannot be read is absent, what cannot be written is fetched again. Never throws. */
export interface CatalogueStore {
  readonly load: (key: string) => unknown;
  readonly save: (key: string, catalogue: unknown) => Promise<void>;
}

export interface BritiveDependencies extends ProviderDependencies {
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly catalogues: CatalogueStore;
  /** Of the environment, null where it is not set. */
  readonly variable: (name: string) => string | null;
  /** Of a small file, null where it cannot be read. */
  readonly readText: (path: string) => Promise<string | null>;
}
