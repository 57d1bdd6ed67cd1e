import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openHttp } from '../../src/adapters/http.ts';
import { SharedLoginCache } from '../../src/adapters/login-cache.ts';
import { loginCacheFileName } from '../../src/adapters/login-cache-format.ts';
import type { Credentials, Verdict } from '../../src/core/types.ts';
import type { Emulator, Knobs } from '../../src/emulator/index.ts';
import { type AwsLogin, awsLogin } from '../../src/providers/aws-login/index.ts';
import type { AwsLoginDependencies, AwsLoginProfile } from '../../src/providers/aws-login/types.ts';
import { emulated } from './emulated.ts';
import { atOnce, type FakeClock } from './fake-clock.ts';
import { loginSession, SigninClient } from './signin-client.ts';
import { tempDir } from './temp-dir.ts';

export const devProfile: AwsLoginProfile = { name: 'dev', loginSession, region: 'us-east-1', signInRegion: null };

/** The provider on its real adapters, beside the AWS CLI whose sign-ins it uses. */
export class LoginWorld {
  readonly directory = tempDir();
  readonly remembered = new Map<string, string>();
  readonly warnings: string[] = [];
  readonly path = join(this.directory, loginCacheFileName(loginSession));
  readonly cli: SigninClient;
  readonly emulator: Emulator;
  readonly clock: FakeClock;
  readonly dependencies: AwsLoginDependencies;
  readonly provider: AwsLogin;

  constructor(emulator: Emulator, clock: FakeClock) {
    this.emulator = emulator;
    this.clock = clock;
    this.cli = new SigninClient(emulator, clock.now);
    const http = openHttp({ env: {}, version: '0.0.0' });
    onTestFinished(() => http.close());
    this.dependencies = {
      fetch: http.fetch,
      clock,
      log: { warn: (_fields, message) => this.warnings.push(message) },
      regions: {
        recall: (session) => this.remembered.get(session) ?? null,
        remember: (session, region) => this.remembered.set(session, region),
      },
      openCache: (session) =>
        new SharedLoginCache({ directory: this.directory, loginSession: session, timers: atOnce }),
      endpointOf: (region) => emulator.endpointsOf(region).AWS_ENDPOINT_URL_SIGNIN,
    };
    this.provider = awsLogin(this.dependencies);
  }

  open(changes: Partial<AwsLoginProfile> = {}): () => Promise<Verdict<Credentials>> {
    const upstream = this.provider.openProfile({ ...devProfile, ...changes });
    const { signal } = new AbortController();
    return () => upstream.acquire({ record: null, source: null, checkout: null, wish: null, signal });
  }

  /** What the AWS CLI leaves after `aws login`. */
  async logIn(region = 'us-east-1', changes: object = {}): Promise<void> {
    this.write({ ...(await this.cli.logIn(region)), ...changes });
  }

  write(content: object | string): void {
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(this.path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
  }

  text(): string {
    return readFileSync(this.path, 'utf8');
  }

  fields(): Record<string, unknown> {
    return JSON.parse(this.text());
  }

  renewals(): number {
    return this.emulator.journal
      .calls('CreateOAuth2Token')
      .filter(({ request }) => request.body.includes('"refresh_token"')).length;
  }
}

export const loginWorld = async (knobs: Partial<Knobs> = {}): Promise<LoginWorld> => {
  const { emulator, clock } = await emulated(knobs);
  return new LoginWorld(emulator, clock);
};
