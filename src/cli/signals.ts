/** Ctrl-C and its kin: the first one asks the command to leave, the second one leaves for it. */
import { once } from 'node:events';
import { constants } from 'node:os';
import { ExitError } from './exit.ts';

/** Why a command was abandoned; the person who did it needs no message. */
class Interrupted extends ExitError {
  override readonly name = 'Interrupted';

  constructor(signal: NodeJS.Signals) {
    super(signalStatus(signal), '');
  }
}

/** As shells report it. */
export const signalStatus = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

type SignalHandler = (signal: NodeJS.Signals) => void;

export interface Signals {
  /** Aborted with an `Interrupted` by the first signal nobody took over. */
  readonly aborted: AbortSignal;
  /** From now on the handler alone learns of signals. Returns how to give them back. */
  readonly takeOver: (handler: SignalHandler) => () => void;
}

/** What `process` offers of itself. */
export interface SignalSource {
  readonly on: (signal: NodeJS.Signals, handler: SignalHandler) => unknown;
  readonly exit: (status: number) => void;
}

const leaving = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function watchSignals(source: SignalSource): Signals {
  const abort = new AbortController();
  let owner: SignalHandler | null = null;
  const handle: SignalHandler = (signal) => {
    if (owner !== null) owner(signal);
    else if (abort.signal.aborted) source.exit(signalStatus(signal));
    else abort.abort(new Interrupted(signal));
  };
  for (const signal of leaving) source.on(signal, handle);
  return {
    aborted: abort.signal,
    takeOver: (handler) => {
      owner = handler;
      return () => {
        owner = null;
      };
    },
  };
}

/** Resolves at the first signal. */
export async function interrupted({ aborted }: Signals): Promise<void> {
  if (!aborted.aborted) await once(aborted, 'abort');
}

/** The same signals, also aborted with `reason` after `ms`. */
export function deadline(signals: Signals, ms: number, reason: Error): Signals {
  const late = new AbortController();
  setTimeout(() => late.abort(reason), ms).unref();
  return { ...signals, aborted: AbortSignal.any([signals.aborted, late.signal]) };
}
