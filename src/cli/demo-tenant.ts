/** The demo's second half: a Britive tenant, by the very commands that a person would type. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Emulator } from '../emulator/index.ts';
import type { Context, Output } from './context.ts';
import { some, took } from './demo-text.ts';
import { type DemoWorld, type Step, type TellStep, timed } from './demo-world.ts';
import { ExitError } from './exit.ts';
import { parse } from './program.ts';

const tenantSession = 'acme';
const profile = 'cloud-dev';
const checkout = ['checkout', profile];

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

export const tenantSteps: readonly TellStep[] = [
  tenant,
  signedIn,
  (world, context) => typed(context, world, checkout),
  async (world, context) => ({ ...(await typed(context, world, checkout)), title: `${titleOf(checkout)}, again` }),
  (world, context) => typed(context, world, [...checkout, '--force']),
  (world, context) => typed(context, world, ['checkin', profile]),
  signedInAgain,
];

async function tenant({ upstreams }: DemoWorld): Promise<Step> {
  return { title: 'An emulated Britive tenant', figure: upstreams.britive.url };
}

async function signedIn(world: DemoWorld, context: Context): Promise<Step> {
  world.upstreams.knobs.autoApprove = true;
  // Real tenants take seconds over it.
  const swiftly = { checkout: [at('checkOutSubmitted', 0), at('checkedOut', 100)], checkin: [at('checkedIn', 0)] };
  world.upstreams.britive.people.changeProfile('Developer', swiftly);
  return typed(context, world, ['login', tenantSession]);
}

const at = (status: string, afterMs: number) => ({ status, afterMs, errorMessage: null });

async function signedInAgain(world: DemoWorld, context: Context): Promise<Step> {
  world.upstreams.britive.people.endSessions();
  return { ...(await typed(context, world, checkout)), title: 'Session ended at the tenant: checkout' };
}

const titleOf = (words: readonly string[]): string => `credbroker ${words.join(' ')}`;

/** Runs one of our commands as somebody at a terminal would; the figure is its time and what it cost the tenant. */
async function typed(context: Context, world: DemoWorld, words: readonly string[]): Promise<Step> {
  const { journal } = world.upstreams;
  const before = journal.entries.length;
  const time = await timed(() => run(context, world, words));
  const calls = journal.entries.slice(before).filter(({ operation }) => operation.startsWith('Britive'));
  return { title: titleOf(words), figure: `${took(time)}, ${cost(calls)}` };
}

async function run(context: Context, { env }: DemoWorld, words: readonly string[]): Promise<void> {
  const said: string[] = [];
  const write = (text: string): void => void said.push(text);
  const quiet: Output = { ...context.stderr, isTTY: false, write };
  await parse(words, { ...context, env, stdout: quiet, stderr: quiet, interactive: true, inContainer: false });
  if (said.length === 0) throw new ExitError(1, `"${titleOf(words)}" said nothing`);
}

type Calls = Emulator['journal']['entries'];

/** What one would have to do by hand; what else was asked is told only where it is all. */
function cost(calls: Calls): string {
  const done = Object.entries(deeds).flatMap(([operation, deed]) => {
    const count = calls.filter((call) => call.operation === operation && call.answer?.status === 200).length;
    return count === 0 ? [] : [some(count, deed)];
  });
  return done.length === 0 ? `${some(calls.length, 'call')} to the tenant` : `${done.join(', ')} at the tenant`;
}

const deeds = { BritiveRetrieveTokens: 'sign-in', BritiveCheckin: 'check-in', BritiveCheckout: 'checkout' };
