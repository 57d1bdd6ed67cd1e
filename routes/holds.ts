import type { RefreshNumbers } from '../src/core/settings.ts';

type Holds = RefreshNumbers['hold'];

/** Our own helpers say so; they have one attempt and wait for a person to sign in. */
export const holdHeader = 'x-credbroker-hold';

interface Caller {
  readonly userAgent: string | undefined;
  /** The value of `holdHeader`. */
  readonly asked: string | undefined;
}

/** Milliseconds a caller can wait with nothing in hand: a little less than its own read limit, which its User-Agent tells. */
export function holdOf({ userAgent = '', asked }: Caller, holds: Holds): number {
  if (asked === 'helper') return holds.helperMs;
  if (asked === 'credential-process') return holds.credentialProcessMs;
  // botocore's container fetcher sends bare `python-urllib3/x`, without the SDK's own name.
  if (/^python-urllib3\/|\bBotocore\/|^aws-cli\//i.test(userAgent)) return holds.botocoreMs;
  if (/^aws-sdk-(?:rust|ruby\d*)\//.test(userAgent)) return holds.rustRubyMs;
  if (/^(?:Go-http-client|aws-sdk-go(?:-v2)?|rclone)\//.test(userAgent)) return holds.goMs;
  return holds.defaultMs;
}
