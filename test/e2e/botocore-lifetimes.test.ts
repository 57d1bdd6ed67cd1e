/**
 * Programs that sign for longer than their credentials live, with the botocore that people have: in the last quarter of
 * an hour of a set it asks for every signature. `CREDBROKER_SIGNING_SECONDS` makes them sign for longer than 70 seconds.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Entry } from '../../src/emulator/index.ts';
import { defaultKnobs, type Knobs } from '../../src/emulator/knobs.ts';
import { credbroker } from '../support/built.ts';
import { environmentOf } from '../support/container-clients.ts';
import { type Live, live } from '../support/live.ts';
import { Program } from '../support/program.ts';
import { botocores, type RealClient } from '../support/real-clients.ts';
import { cannotRun } from '../support/required.ts';
import { tempDir } from '../support/temp-dir.ts';

const minute = 60_000;
const signingSeconds = Number(process.env['CREDBROKER_SIGNING_SECONDS'] ?? 70);

/** The lives are below all that AWS issues, and the broker runs with the numbers it ships with. */
const roles = [
  { profile: 'dev', accountId: '111122223333', lifeMs: minute },
  { profile: 'staging', accountId: '444455556666', lifeMs: 2 * minute },
] as const;

/**
 * The most that `docs/freshness.md` allows upstream to be asked for one profile within a time, however many programs ask
 * us. `renewAt = expiresAt − lead`, and the lead of so short a life is half of it: a call at the start, then one for each
 * half of a life. The emulator, like AWS, cuts the end of a life to the second.
 */
const promisedCalls = (withinMs: number, lifeMs: number): number => 1 + Math.floor(withinMs / (lifeMs / 2 - 1_000));

/** Says what each request was signed with; the words are how long it signs, and its pause, in seconds. */
const signing = `
import re, sys, time, boto3
sts = boto3.Session().client('sts')

def note(request, **_):
    authorization = request.headers['Authorization']
    text = authorization.decode() if isinstance(authorization, bytes) else authorization
    print('signed with', re.search('Credential=(\\\\w+)', text).group(1), flush=True)

sts.meta.events.register('before-send', note)
last = time.monotonic() + float(sys.argv[1])
while time.monotonic() < last:
    sts.get_caller_identity()
    time.sleep(float(sys.argv[2]))
`;

interface Signer {
  readonly profile: string;
  readonly program: Program;
}

it(
  `bears what signs for ${signingSeconds} seconds with lives of one and two minutes, asking upstream once for each half`,
  async (test) => {
    const [client] = botocores;
    if (client === undefined) return cannotRun(test, 'no botocore found');
    const world = await live({ knobs: rolesOfShortLife() });
    const asking = await startAsking(world);
    const helped = startHelped(world, client);
    const signers = [...asking, ...helped];
    const ends = await Promise.all(signers.map(({ program }) => program.ended));
    expect(ends.map(({ status, stderr }) => [status, stderr])).toEqual(signers.map(() => [0, '']));
    for (const { profile, program } of signers) expect(new Set(keysOf(program)).size, profile).toBeGreaterThan(1);
    expect(refusedBy(world, 'GetCallerIdentity')).toEqual([]);

    // Each signature was a question to us, and none of them was refused.
    const { served } = await world.visits();
    expect(served).toBeGreaterThanOrEqual(signatures(asking));
    const checkouts = world.log().filter(({ route }) => route === '/v1/profiles/:name/checkout');
    expect(checkouts.length).toBeGreaterThanOrEqual(signatures(helped));
    expect(world.log().filter(({ msg }) => msg === 'refused')).toEqual([]);

    expect(refusedBy(world, 'GetRoleCredentials')).toEqual([]);
    for (const { profile, accountId, lifeMs } of roles) {
      const calls = callsFor(world, accountId);
      const withinMs = (world.emulator.journal.entries.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0);
      expect(withinMs, profile).toBeGreaterThan(minute);
      expect(calls.length, profile).toBeLessThanOrEqual(promisedCalls(withinMs, lifeMs));
    }
  },
  (signingSeconds + 60) * 1_000,
);

/** Every botocore there is for each profile, by the container variables. */
const startAsking = (world: Live): Promise<readonly Signer[]> =>
  Promise.all(
    roles.flatMap(({ profile }) =>
      botocores.map(async (client) => {
        const env = { ...environmentOf({ client }, world.emulator), ...(await world.variables(profile)) };
        return { profile, program: sign({ client, env, pauseSeconds: 0.1 }) };
      }),
    ),
  );

/** One for each profile by `credential_process`: a process of ours for each signature. */
const startHelped = (world: Live, client: RealClient): readonly Signer[] =>
  roles.map(({ profile }) => {
    const env = helperEnvironment(world, client, profile);
    return { profile, program: sign({ client, env, pauseSeconds: 1 }) };
  });

interface Signing {
  readonly client: RealClient;
  readonly env: NodeJS.ProcessEnv;
  readonly pauseSeconds: number;
}

const sign = ({ client, env, pauseSeconds }: Signing): Program =>
  new Program([client.command, '-c', signing, String(signingSeconds), String(pauseSeconds)], env);

const rolesOfShortLife = (): Partial<Knobs> => ({
  accounts: defaultKnobs().accounts.map((account) => {
    const lifeMs = roles.find(({ accountId }) => accountId === account.accountId)?.lifeMs;
    if (lifeMs === undefined) return account;
    return { ...account, permissionSets: account.permissionSets.map((set) => ({ ...set, lifeMs })) };
  }),
});

/** Of a program whose credentials come from our `credential_process`. */
function helperEnvironment(world: Live, client: RealClient, profile: string): NodeJS.ProcessEnv {
  const home = tempDir();
  mkdirSync(join(home, '.aws'));
  const line = `credential_process = ${[...credbroker(), 'credential-process', profile].join(' ')}`;
  writeFileSync(join(home, '.aws', 'config'), `[default]\nregion = eu-central-1\n${line}\n`);
  return { ...environmentOf({ client }, world.emulator), ...world.env, HOME: home };
}

/** What each of its requests was signed with. */
const keysOf = ({ stdout }: Program): readonly string[] =>
  [...stdout.matchAll(/^signed with (\w+)$/gm)].map(([, key = '']) => key);

const signatures = (signers: readonly Signer[]): number =>
  signers.reduce((sum, { program }) => sum + keysOf(program).length, 0);

/** STS looks at each signature, and whether the key's life has ended. */
const refusedBy = (world: Live, operation: Entry['operation']): readonly Entry[] =>
  world.emulator.journal.calls(operation).filter(({ answer }) => answer?.status !== 200);

const callsFor = (world: Live, accountId: string): readonly Entry[] =>
  world.emulator.journal
    .calls('GetRoleCredentials')
    .filter(({ request }) => request.query.get('account_id') === accountId);
