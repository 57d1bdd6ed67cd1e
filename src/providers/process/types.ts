import type { Clock } from '../../core/ports.ts';

export interface HelperRequest {
  /** The profile that the helper is for: it may not ask for the same one. */
  readonly profile: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type HelperEnd =
  | {
      readonly type: 'ended';
      /** Null where a signal ended it. */
      readonly status: number | null;
      readonly stdout: string;
      /** The end of it where there was much. */
      readonly stderr: string;
    }
  /** It was not run, or not to its end. */
  | { readonly type: 'failed'; readonly program: string; readonly why: HelperFailure }
  | { readonly type: 'stopped'; readonly why: 'timeout' | 'aborted' };

/** An error of the system by its name, such as `ENOENT`, or one of ours. */
export type HelperFailure = 'empty command' | 'open quotation' | 'too much output' | 'unsupported' | `E${string}`;

/** Runs a command as botocore does: its words, no shell, nothing on standard input. Never rejects. */
export type RunHelper = (command: string, request: HelperRequest) => Promise<HelperEnd>;

export interface ProcessDependencies {
  readonly clock: Pick<Clock, 'now' | 'mono'>;
  readonly run: RunHelper;
}
