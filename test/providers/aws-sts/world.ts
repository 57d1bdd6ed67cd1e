/** The provider on its real adapter, against the emulated STS. */
import { onTestFinished } from 'vitest';
import { openHttp } from '../../../src/adapters/http.ts';
import type { Clock } from '../../../src/core/ports.ts';
import type { Credentials, Verdict } from '../../../src/core/types.ts';
import type { ProgressEvent, Wish } from '../../../src/core/wish.ts';
import type { Emulator, Knobs } from '../../../src/emulator/index.ts';
import { awsSts } from '../../../src/providers/aws-sts/index.ts';
import type {
  KeysSettings,
  RoleSettings,
  StsDependencies,
  StsLease,
  StsRequest,
  WebIdentitySettings,
} from '../../../src/providers/aws-sts/types.ts';
import type { SigningKeys } from '../../../src/providers/sigv4.ts';
import { hours } from '../../support/fake-clock.ts';
import { mfaSerial, opsKeys, roles, stsWorld } from '../../support/sts-world.ts';

export const staticKeys: SigningKeys = {
  accessKeyId: opsKeys.accessKeyId,
  secretAccessKey: opsKeys.secretAccessKey,
  sessionToken: null,
};

export const request = (overrides: Partial<StsRequest> = {}): StsRequest => ({
  source: staticKeys,
  idToken: null,
  wish: null,
  signal: new AbortController().signal,
  ...overrides,
});

/** A person who has that code at hand, and what they are told. */
export const person = (otp: string | null, force = false): Wish & { readonly told: readonly ProgressEvent[] } => {
  const told: ProgressEvent[] = [];
  const answers = { justification: null, ticketType: null, ticketId: null, otp };
  return { force, answers, progress: (event) => told.push(event), told };
};

const target = (emulator: Emulator) => ({
  region: 'eu-central-1',
  stsEndpoint: emulator.environment.AWS_ENDPOINT_URL_STS,
  fips: false,
});

export async function world(knobs: Partial<Knobs> = {}, clockOf: (emulated: Clock) => Clock = (clock) => clock) {
  const emulated = await stsWorld(knobs);
  const { emulator } = emulated;
  const http = openHttp({ env: {}, version: '0.0.0' });
  onTestFinished(() => http.close());
  const warnings: string[] = [];
  const files = new Map<string, string>();
  const variables = new Map<string, string>();
  const stored = new Map<string, SigningKeys>([['ops', staticKeys]]);
  const dependencies: StsDependencies = {
    fetch: http.fetch,
    clock: clockOf(emulated.clock),
    readText: async (path) => files.get(path) ?? null,
    variable: (name) => variables.get(name) ?? null,
    isOwnUrl: () => false,
    readKeys: async (name) => {
      const keys = stored.get(name);
      return keys ? { type: 'ok', value: keys } : { type: 'denied', why: 'bad-request', detail: 'no such keys' };
    },
    user: 'ada',
    host: 'laptop',
    warn: (message) => warnings.push(message),
  };
  const sts = awsSts(dependencies);
  const role = (overrides: Partial<RoleSettings> = {}): StsLease =>
    sts.openRole({
      ...target(emulator),
      name: 'deploy',
      keys: null,
      credentialSource: null,
      roleArn: roles.open.arn,
      sessionName: null,
      externalId: null,
      durationMs: hours(1),
      mfaSerial: null,
      sourceIdentity: null,
      tags: {},
      ...overrides,
    });
  const guarded = (overrides: Partial<RoleSettings> = {}): StsLease =>
    role({ roleArn: roles.guarded.arn, mfaSerial, ...overrides });
  const keys = (overrides: Partial<KeysSettings> = {}): StsLease =>
    sts.openKeys({
      ...target(emulator),
      name: 'legacy',
      keys: 'ops',
      mfaSerial: null,
      durationMs: hours(12),
      ...overrides,
    });
  const webIdentity = (overrides: Partial<WebIdentitySettings> = {}): StsLease =>
    sts.openWebIdentity({
      ...target(emulator),
      name: 'ci',
      tokenFile: null,
      roleArn: 'arn:aws:iam::444455556666:role/Ci',
      sessionName: null,
      durationMs: hours(1),
      ...overrides,
    });
  const calls = (operation: Parameters<Emulator['journal']['calls']>[0]) =>
    emulator.journal.calls(operation).map((entry) => new URLSearchParams(entry.request.body));
  return { ...emulated, dependencies, warnings, files, variables, stored, role, guarded, keys, webIdentity, calls };
}

/** The credentials of a verdict that has to be ok. */
export const credentialsOf = (verdict: Verdict<Credentials>): Credentials => {
  if (verdict.type === 'ok') return verdict.value;
  throw new Error(`Not ok: ${JSON.stringify(verdict)}`);
};

/** An error answer of STS as AWS writes it. */
export const errorXml = (code: string, message: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>${code}</Code>
    <Message>${message}</Message>
  </Error>
  <RequestId>8c2a1b1e-0000-4f9b-9b5e-000000000000</RequestId>
</ErrorResponse>
`;
