/** A session's access token, for tools that send it to an API themselves. */
import { Alarm } from './alarm.ts';
import type { AccessToken, TokenOptions } from './api.ts';
import { BrokerError } from './errors.ts';
import { toError } from './failure.ts';
import type { Runtime } from './runtime.ts';
import type { SessionRunner } from './session-runner.ts';
import { mono, type SessionRecord } from './types.ts';

/** Only what was made for APIs leaves: the tokens of the other providers open every role at once. */
export async function accessToken(
  runner: SessionRunner,
  { clock, timers }: Pick<Runtime, 'clock' | 'timers'>,
  options: TokenOptions,
): Promise<AccessToken> {
  const { name, provider } = runner.parts.settings;
  if (provider !== 'oidc') {
    throw new BrokerError(
      'BadRequest',
      `Session "${name}" hands out no tokens, only profiles. Run: credbroker profiles`,
    );
  }
  const late = new AbortController();
  const hold = new Alarm(clock, timers, () => late.abort());
  hold.set(mono(clock.mono() + options.holdMs));
  try {
    const signal = AbortSignal.any([options.signal, late.signal]);
    return tokenOf(await runner.fresh(options.minLifeMs, signal));
  } catch (thrown) {
    if (options.signal.aborted || !late.signal.aborted) throw thrown;
    return tokenOf(held(runner));
  } finally {
    hold.set(null);
  }
}

/** When the time is up: what there is, or why there is nothing. */
function held(runner: SessionRunner): SessionRecord {
  const access = runner.access();
  const record = runner.record();
  if (access.type !== 'ready') throw toError(access.failure);
  if (record === null) throw new BrokerError('LoginRequired', 'Signed out meanwhile');
  return record;
}

const tokenOf = ({ accessToken, expiresAt, tokenType }: SessionRecord): AccessToken => ({
  accessToken,
  expiresAt: tokenType === 'TOKEN' ? null : expiresAt,
});
