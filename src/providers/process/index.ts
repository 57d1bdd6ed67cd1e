/** Helper programs of other tools, by the contract of `credential_process`. */
import type { ProcessProfileSettings } from '../../core/profile-settings.ts';
import type { Credentials, LeaseUpstream, Verdict } from '../../core/types.ts';
import { parseDocument } from './document.ts';
import type { HelperEnd, ProcessDependencies } from './types.ts';
import { notRun, refusal, stopped } from './verdicts.ts';

export type { HelperEnd, HelperFailure, HelperRequest, ProcessDependencies, RunHelper } from './types.ts';

type ProcessProfile = Pick<ProcessProfileSettings, 'name' | 'command'>;

export interface ProcessProvider {
  readonly openProfile: (profile: ProcessProfile) => LeaseUpstream;
}

/** What the Go SDK allows. */
const timeoutMs = 60_000;
/** With room for a helper that takes its time to end. */
const helperTimeoutMs = 56_000;
/** No machine takes that long: somebody was asked for a password, a touch or a click. */
const patienceMs = 10_000;

export const processHelpers = (dependencies: ProcessDependencies): ProcessProvider => ({
  openProfile: (profile) => {
    let bothersPerson = false;
    return {
      renewal: 'overlap',
      // Once it has bothered a person it is not run again before somebody asks, however quick it has been since: it may
      // keep what it was told, and nobody knows for how long.
      get prefetch() {
        return !bothersPerson;
      },
      timeoutMs,
      acquire: async ({ signal }) => {
        const { clock, run } = dependencies;
        const [startedAt, startedMono] = [clock.now(), clock.mono()];
        const end = await run(profile.command, { profile: profile.name, timeoutMs: helperTimeoutMs, signal });
        bothersPerson ||= clock.mono() - startedMono > patienceMs || asksPerson(end);
        return end.type === 'ended' && end.status === 0
          ? parseDocument(end.stdout, startedAt, clock.now())
          : verdictOf(end);
      },
      // Nothing is counted: the keys live to their end.
      release: async () => ({ type: 'ok', value: undefined }),
    };
  },
});

const verdictOf = (end: HelperEnd): Verdict<Credentials> => {
  switch (end.type) {
    case 'ended':
      return refusal(end);
    case 'failed':
      return notRun(end);
    case 'stopped':
      return stopped(end);
  }
};

/** Not where it failed: it found nobody to ask, and will bother nobody next time. */
const asksPerson = (end: HelperEnd): boolean => end.type === 'ended' && end.status === 0 && asking.test(end.stderr);

/** "Opening the browser", "Enter MFA code:", "Touch your security key", "Approve the push". */
const asking = /\b(browser|mfa|otp|one-time|passcode|password|verification code|touch|approve|log in|sign in)\b/i;
