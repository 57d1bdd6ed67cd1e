/** The demo's story: what the broker promises, each with the figure that was just measured. */
import type { Context } from './context.ts';
import { openDemoProfile } from './demo-profile.ts';
import { invitation } from './demo-shell.ts';
import { tenantSteps } from './demo-tenant.ts';
import { some, stepText, took, widthOf } from './demo-text.ts';
import {
  crowdProfile,
  type DemoWorld,
  demoProfile,
  hastyProfile,
  type Step,
  type TellStep,
  timed,
} from './demo-world.ts';
import { interrupted } from './signals.ts';
import { painter } from './text.ts';

const warmRequests = 1_000;
const crowd = 50;
/** The attempt that meets the outage, and one more. */
const outageFailures = 2;

const steps: readonly TellStep[] = [identityCenter, broker, signedIn, cold, warm, manyAtOnce, renewed, outageSurvived];

export async function tell(context: Context, world: DemoWorld, { stay }: { readonly stay: boolean }): Promise<void> {
  const { stdout, env, signals } = context;
  const paint = painter(stdout, env);
  for (const step of [...steps, ...tenantSteps]) {
    stdout.write(stepText(await step(world, context), widthOf(stdout), paint));
    signals.aborted.throwIfAborted();
  }
  if (!stay) return;
  stdout.write(await invitation(context, world));
  await interrupted(signals);
}

async function identityCenter({ upstreams }: DemoWorld): Promise<Step> {
  return { title: 'Emulated IAM Identity Center', figure: upstreams.url };
}

async function broker({ status, startMs }: DemoWorld): Promise<Step> {
  return { title: 'A real broker, in a home of its own', figure: `${status.daemon.url}, up in ${took(startMs)}` };
}

async function signedIn({ signInMs }: DemoWorld): Promise<Step> {
  return { title: 'Signed in: one page, one click', figure: took(signInMs) };
}

async function cold(world: DemoWorld): Promise<Step> {
  const profile = openDemoProfile(world, demoProfile);
  const time = await timed(() => profile.keyId());
  return { title: 'First credentials, fetched upstream', figure: took(time) };
}

async function warm(world: DemoWorld): Promise<Step> {
  const profile = openDemoProfile(world, demoProfile);
  const callsBefore = upstreamCalls(world);
  const times: number[] = [];
  for (let asked = 0; asked < warmRequests; asked++) times.push(await timed(() => profile.keyId()));
  const median = times.sort((a, b) => a - b)[warmRequests / 2] ?? 0;
  const calls = upstreamCalls(world) - callsBefore;
  return { title: `Asked again, ${warmRequests} times`, figure: `${took(median)} each, ${upstream(calls)}` };
}

async function manyAtOnce(world: DemoWorld): Promise<Step> {
  const profile = openDemoProfile(world, crowdProfile);
  const callsBefore = upstreamCalls(world);
  const keyIds = await Promise.all(Array.from({ length: crowd }, () => profile.keyId()));
  const calls = upstreamCalls(world) - callsBefore;
  const title = `${crowd} programs at once, nothing held`;
  return { title, figure: `${upstream(calls)}, ${some(new Set(keyIds).size, 'answer')} for all` };
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

const upstreamCalls = ({ upstreams }: DemoWorld): number => upstreams.journal.calls('GetRoleCredentials').length;

const failedCalls = ({ upstreams }: DemoWorld): number =>
  upstreams.journal.entries.filter((entry) => entry.fault !== null).length;

const upstream = (calls: number): string => `${some(calls, 'call')} upstream`;

const answered = (answers: number): string => `${answers} of ${answers} answered`;
