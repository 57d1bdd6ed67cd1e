/** What a checkout waits for, told on stderr: as it changes on a terminal, elsewhere a line for what a person must know. */
import type { IssueProgress } from '../client.ts';
import type { ProgressName } from '../core/wish.ts';
import type { Context } from './context.ts';
import { openProgress } from './progress.ts';
import { duration } from './time.ts';

export interface Report {
  readonly hear: (event: IssueProgress) => void;
  readonly end: () => void;
}

const passing: Partial<Record<ProgressName, string>> = {
  'checkout.reuse': 'Taking over the checkout that is there',
  'checkout.post': 'Asking the tenant for a checkout',
  'checkout.wait': 'Waiting until the tenant has made it',
  'approval.approved': 'Asking the tenant for a checkout',
  'checkin.wait': 'Waiting until it has been given back',
};

const lasting: Partial<Record<ProgressName, string>> = {
  'approval.requested': 'Asked for an approval',
  'approval.approved': 'Approved',
  'approval.withdrawn': 'Withdrew the approval request',
  'checkin.wait': 'Giving back what is checked out, which ends keys that others may use',
  'checkin.failed': 'What is checked out could not be given back, and stays in use',
};

/** Ctrl-C while an approval is waited for makes the daemon withdraw the request, and is told here. */
export function openReport(context: Context): Report {
  const { stderr, signals, now } = context;
  const progress = openProgress(context);
  let isAwaited = false;
  let ticking: NodeJS.Timeout | undefined;
  const rest = (): void => {
    clearInterval(ticking);
    isAwaited = false;
  };
  const awaitApproval = (): void => {
    isAwaited = true;
    const since = now();
    if (!stderr.isTTY) return progress.show('Waiting for an approval');
    const tick = () => progress.show(`Waiting for an approval, ${duration(now() - since)} (Ctrl-C withdraws it)`);
    tick();
    ticking = setInterval(tick, 1_000);
  };
  const interrupted = (): void => {
    if (isAwaited) progress.say('Withdrawing the approval request');
  };
  signals.aborted.addEventListener('abort', interrupted, { once: true });
  return {
    hear: ({ name }) => {
      rest();
      const [line, now] = [lasting[name], passing[name]];
      if (line !== undefined) progress.say(line);
      if (now !== undefined && stderr.isTTY) progress.show(now);
      if (name === 'approval.waiting') awaitApproval();
    },
    end: () => {
      rest();
      signals.aborted.removeEventListener('abort', interrupted);
      progress.end();
    },
  };
}
