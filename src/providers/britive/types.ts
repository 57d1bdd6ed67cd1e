/** What Britive needs of the core's words: a token's kind, a person's wish with its answers, and the gates it can meet. */
import type { Origin } from '../../core/settings.ts';
import type {
  Checkout,
  SessionRecord as CoreRecord,
  Verdict as CoreVerdict,
  Credentials,
  EpochMs,
  LoginFlow,
  LoginPrompt,
  Renewal,
} from '../../core/types.ts';
import type { ProviderDependencies } from '../provider.ts';

export interface BritiveSessionSettings {
  readonly provider: 'britive';
  readonly name: string;
  readonly tenant: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Skips the page where one picks an identity provider. */
  readonly idp: string | null;
  /** Where a workload's token comes from, such as `github` or `aws`; null for people and API tokens. */
  readonly federation: string | null;
  readonly origin: Origin;
}

export interface BritiveProfileSettings {
  readonly kind: 'britive';
  readonly name: string;
  readonly session: string;
  readonly application: string;
  /** A name, an alternate name or an id; the application's name where the path has two parts. */
  readonly environment: string;
  /** The profile's name in Britive. */
  readonly access: string;
  readonly region: string | null;
  readonly description: string | null;
  readonly origin: Origin;
}

/** The `Authorization` schemes; what each stands for is in `session.ts`. */
export type TokenType = 'Bearer' | 'TOKEN' | 'WorkloadToken';

export interface SessionRecord extends CoreRecord {
  readonly tokenType: TokenType | null;
}

export type Verdict<T> =
  | CoreVerdict<T>
  | { readonly type: 'denied'; readonly why: 'needs-justification' | 'needs-ticket'; readonly detail: string };

export interface Answers {
  readonly justification: string | null;
  readonly ticketType: string | null;
  readonly ticketId: string | null;
  readonly otp: string | null;
}

export type ProgressName =
  | 'checkout.reuse'
  | 'checkout.post'
  | 'checkout.wait'
  | 'checkout.ready'
  | 'approval.requested'
  | 'approval.waiting'
  | 'approval.approved'
  | 'approval.rejected'
  | 'approval.ended'
  | 'approval.withdrawn'
  | 'mfa.required'
  | 'checkin.wait'
  | 'checkin.failed';

export interface ProgressEvent {
  readonly event: ProgressName;
  /** For people, null where the name says it all. */
  readonly detail: string | null;
}

/** What a person asked for, who waits and can be told. */
export interface Wish {
  readonly force: boolean;
  readonly answers: Answers;
  readonly progress: (event: ProgressEvent) => void;
}

export interface LoginRequest {
  readonly flow: LoginFlow;
  readonly openBrowser: boolean;
  readonly prompt: (prompt: LoginPrompt) => void;
  readonly signal: AbortSignal;
  /** `login --token`: never opens a browser. */
  readonly token: string | null;
}

export type LoginOutcome =
  | { readonly type: 'ok'; readonly record: SessionRecord; readonly lifetimeMs: number }
  | { readonly type: 'declined'; readonly detail: string }
  | { readonly type: 'unanswered'; readonly detail: string }
  | { readonly type: 'failed'; readonly verdict: Exclude<Verdict<never>, { type: 'ok' }> };

export interface SessionUpstream {
  readonly refreshLeadMs: (lifetimeMs: number) => number;
  readonly refresh: (record: SessionRecord, signal: AbortSignal) => Promise<Verdict<RefreshedTokens>>;
  readonly probe: (record: SessionRecord | null, signal: AbortSignal) => Promise<Verdict<void>>;
  readonly login: (request: LoginRequest) => Promise<LoginOutcome>;
  readonly logout: (record: SessionRecord, signal: AbortSignal) => Promise<Verdict<void>>;
}

export interface RefreshedTokens {
  readonly record: SessionRecord;
  readonly lifetimeMs: number;
}

export interface AcquireRequest {
  readonly record: SessionRecord | null;
  readonly checkout: Checkout | null;
  /** Null for a program, whom no gate can ask anything. */
  readonly wish: Wish | null;
  readonly signal: AbortSignal;
}

export interface ReleaseRequest {
  readonly record: SessionRecord | null;
  readonly checkout: Checkout;
  readonly signal: AbortSignal;
}

export interface LeaseUpstream {
  readonly renewal: Renewal;
  readonly prefetch: boolean;
  readonly timeoutMs: number | null;
  readonly acquire: (request: AcquireRequest) => Promise<Verdict<Credentials>>;
  readonly release: (request: ReleaseRequest) => Promise<Verdict<void>>;
}

/** A cache: what cannot be read is absent, what cannot be written is fetched again. Never throws. */
interface CatalogueStore {
  readonly load: (key: string) => Promise<unknown>;
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

export { epoch } from '../../core/types.ts';
export type { Checkout, Credentials, EpochMs };
