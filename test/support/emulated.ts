import { onTestFinished } from 'vitest';
import { type Emulator, type Knobs, startEmulator } from '../../src/emulator/index.ts';
import { FakeClock } from './fake-clock.ts';
import { OidcClient } from './oidc-client.ts';

export interface Emulated {
  readonly emulator: Emulator;
  readonly clock: FakeClock;
  readonly oidc: OidcClient;
}

/** An emulator on a clock of the test's own, closed when the test is over. */
export async function emulated(knobs: Partial<Knobs> = {}): Promise<Emulated> {
  const clock = new FakeClock();
  const emulator = await startEmulator({ port: 0, now: clock.now, knobs });
  onTestFinished(() => emulator.close());
  return { emulator, clock, oidc: new OidcClient(emulator) };
}
