/** The demo's story: what the broker promises, each with the figure that was just measured. */
import type { Context } from './context.ts';
import { openDemoProfile } from './demo-profile.ts';
import { tenantSteps } from './demo-tenant.ts';
import { crowdProfile, type DemoWorld, demoProfile, hastyProfile, type Step, timed } from './demo-world.ts';
import { shadowingVariables } from './shadows.ts';
import { shellLines } from './shell-text.ts';
import { interrupted } from './signals.ts';
import { painter } from './text.ts';

const warmRequests = 1_000;
const crowd = 50;
/** The attempt that meets the outage, and one more. */
const outageFailures = 2;

type TellStep = (world: DemoWorld) => Promise<Step>;

const steps: readonly TellStep[] = [signedIn, cold, warm, manyAtOnce, renewed, outageSurvived];

export async function tell(context: Context, world: DemoWorld, { stay }: { readonly stay: boolean }): Promise<void> {
  const paint = painter(context.stdout, context.env);
  const line = ({ title, figure }: Step) =>
    context.stdout.write(`${paint('green', '✓')} ${title.padEnd(44)} ${figure}\n`);
  line({ title: 'Emulated IAM Identity Center', figure: world.upstreams.url });
  line({
    title: 'A real broker, in a home of its own',
    figure: `${world.status.daemon.url}, up in ${ms(world.startMs)}`,
  });
  for (const step of steps) {
    line(await step(world));
    context.signals.aborted.throwIfAborted();
  }
  line({ title: 'An emulated Britive tenant', figure: world.upstreams.britive.url });
  for (const step of tenantSteps) {
    line(await step(context, world));
    context.signals.aborted.throwIfAborted();
  }
  if (stay) await remain(context, world);
}

async function signedIn({ signInMs }: DemoWorld): Promise<Step> {
  return { title: 'Signed in: one page, one click', figure: ms(signInMs) };
}

async function cold(world: DemoWorld): Promise<Step> {
  const profile = openDemoProfile(world, demoProfile);
  const took = await timed(() => profile.keyId());
  return { title: 'First credentials, fetched upstream', figure: ms(took) };
}

async function warm(world: DemoWorld): Promise<Step> {
  const profile = openDemoProfile(world, demoProfile);
  const callsBefore = upstreamCalls(world);
  const times: number[] = [];
  for (let asked = 0; asked < warmRequests; asked++) times.push(await timed(() => profile.keyId()));
  const median = times.sort((a, b) => a - b)[warmRequests / 2] ?? 0;
  const calls = upstreamCalls(world) - callsBefore;
  return { title: `Asked again, ${warmRequests} times`, figure: `${ms(median)} each, ${upstream(calls)}` };
}

async function manyAtOnce(world: DemoWorld): Promise<Step> {
  const profile = openDemoProfile(world, crowdProfile);
  const callsBefore = upstreamCalls(world);
  const keyIds = await Promise.all(Array.from({ length: crowd }, () => profile.keyId()));
  const calls = upstreamCalls(world) - callsBefore;
  const title = `${crowd} programs at once, nothing held`;
  return { title, figure: `${upstream(calls)}, ${new Set(keyIds).size} answer for all` };
}

async function renewed(world: DemoWorld): Promise<Step> {
  const profile = openDemoProfile(world, hastyProfile);
  const first = await profile.keyId();
  const answers = await profile.askUntil((keyId) => keyId !== first);
  return { title: 'Renewed before its end, nobody waited', figure: answered(answers) };
}

async function outageSurvived(world: DemoWorld): Promise<Step> {
  const profile = openDemoProfile(world, hastyProfile);
  const held = await profile.keyId();
  const outage = world.upstreams.faults.add('*', { kind: 'status', status: 503 });
  const during = await profile.askUntil(() => failedCalls(world) >= outageFailures);
  outage.remove();
  const after = await profile.askUntil((keyId) => keyId !== held);
  return {
    title: 'Upstream down, then back',
    figure: `${answered(during + after)}, ${failedCalls(world)} failed upstream`,
  };
}

/** For the person to go on by himself. */
async function remain(context: Context, { variables }: DemoWorld): Promise<void> {
  const lines = shellLines('sh', { set: variables, unset: shadowingVariables(context.env) });
  context.stdout.write(`\nPaste this into another shell; Ctrl-C here ends it all.\n\n${lines}\n`);
  context.stdout.write(`Then try: aws sts get-caller-identity
It needs AWS CLI 2.13 or boto3 1.28 at least: older ones pass over AWS_ENDPOINT_URL_STS and ask AWS itself.
Without them: curl -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
`);
  await interrupted(context.signals);
}

const upstreamCalls = ({ upstreams }: DemoWorld): number => upstreams.journal.calls('GetRoleCredentials').length;

const failedCalls = ({ upstreams }: DemoWorld): number =>
  upstreams.journal.entries.filter((entry) => entry.fault !== null).length;

const ms = (time: number): string => (time < 10 ? `${time.toFixed(2)} ms` : `${Math.round(time)} ms`);

const upstream = (calls: number): string => `${calls} ${calls === 1 ? 'call' : 'calls'} upstream`;

const answered = (answers: number): string => `${answers} of ${answers} requests answered`;
