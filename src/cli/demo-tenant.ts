/** The demo's second half: a Britive tenant, by the very commands that a person would type. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context, Output } from './context.ts';
import type { DemoWorld, Step } from './demo-world.ts';
import { ExitError } from './exit.ts';
import { parse } from './program.ts';

const tenantSession = 'acme';
const profile = 'cloud-dev';

/** For `config.yaml`. */
export const tenantConfig = (baseUrl: string): string => `sessions:
  ${tenantSession}: { provider: britive, baseUrl: "${baseUrl}" }
profiles:
  ${profile}: { session: ${tenantSession}, profile: "Cloud/Development/Developer", region: eu-central-1 }
`;

/** A browser whose person is signed in at the tenant already. */
const page = 'await (await fetch(process.argv[2])).text();\n';

/** The words for `BROWSER`. */
export async function writeBrowser(home: string): Promise<string> {
  const file = join(home, 'browser.mjs');
  await writeFile(file, page);
  return `"${process.execPath}" "${file}" %s`;
}

type TellStep = (context: Context, world: DemoWorld) => Promise<Step>;

export const tenantSteps: readonly TellStep[] = [signedIn, checkedOut, skipped, forced, givenBack, signedInAgain];

async function signedIn(context: Context, world: DemoWorld): Promise<Step> {
  world.upstreams.knobs.autoApprove = true;
  // Real tenants take seconds over it.
  const swiftly = { checkout: [at('checkOutSubmitted', 0), at('checkedOut', 100)], checkin: [at('checkedIn', 0)] };
  world.upstreams.britive.people.changeProfile('Developer', swiftly);
  return { title: `login ${tenantSession}`, figure: await typed(context, world, ['login', tenantSession]) };
}

const at = (status: string, afterMs: number) => ({ status, afterMs, errorMessage: null });

async function checkedOut(context: Context, world: DemoWorld): Promise<Step> {
  return step(context, world, ['checkout', profile]);
}

async function skipped(context: Context, world: DemoWorld): Promise<Step> {
  return step(context, world, ['checkout', profile]);
}

async function forced(context: Context, world: DemoWorld): Promise<Step> {
  return step(context, world, ['checkout', profile, '--force']);
}

async function givenBack(context: Context, world: DemoWorld): Promise<Step> {
  return step(context, world, ['checkin', profile]);
}

async function signedInAgain(context: Context, world: DemoWorld): Promise<Step> {
  world.upstreams.britive.people.endSessions();
  const { figure } = await step(context, world, ['checkout', profile]);
  return { title: 'The tenant ends the session: checkout again', figure };
}

/** What it said, and what that cost the tenant. */
async function step(context: Context, world: DemoWorld, argv: readonly string[]): Promise<Step> {
  const before = checkouts(world);
  const said = await typed(context, world, argv);
  const made = checkouts(world) - before;
  const calls = argv[0] === 'checkin' ? '' : ` · ${made} new at the tenant`;
  return { title: argv.join(' '), figure: said + calls };
}

const checkouts = ({ upstreams }: DemoWorld): number => upstreams.journal.calls('BritiveCheckout').length;

/** Runs one of our commands as somebody at a terminal would; resolves with what it told them, on one line. */
async function typed(context: Context, world: DemoWorld, argv: readonly string[]): Promise<string> {
  const said: string[] = [];
  const stderr: Output = { ...context.stderr, isTTY: false, write: (text) => void said.push(text) };
  const stdout: Output = { ...stderr, write: () => {} };
  const terminal = { ...context, env: world.env, stdout, stderr, interactive: true, inContainer: false };
  await parse(argv, terminal);
  const lines = said
    .join('')
    .split('\n')
    .filter((line) => line !== '' && !/^ |sign-in/.test(line));
  if (lines.length === 0) throw new ExitError(1, `"credbroker ${argv.join(' ')}" said nothing`);
  return lines.join('; ');
}
