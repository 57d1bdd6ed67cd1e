/** The released program with an emulated Britive tenant. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { succeeded } from './container-clients.ts';
import { freePort } from './free-port.ts';
import { type Live, type LiveOptions, prepared } from './live.ts';

const profiles = `
  cloud-dev: { session: acme, profile: Cloud/Development/Developer, region: eu-central-1 }
  release: { session: acme, profile: Cloud/Production/Release }
`;

/** A browser whose person is signed in already: the tenant lets them through. */
export const page = 'await (await fetch(process.argv[2])).text();\n';

/** A broker with a tenant, and nobody signed in to it yet. */
export async function tenantWorld(options: Partial<LiveOptions> = {}): Promise<Live> {
  const world = await prepared({ knobs: { autoApprove: true }, port: await freePort(), ...options });
  const session = `{ provider: britive, baseUrl: "${world.emulator.britive.url}" }`;
  appendFileSync(world.configFile, `sessions: { acme: ${session} }\nprofiles:${profiles}`);
  writeFileSync(join(world.home, 'browser.mjs'), page);
  await world.start();
  return world;
}

/** What `BROWSER` has to be for that. */
export const browser = ({ home }: Pick<Live, 'home'>): string =>
  `"${process.execPath}" "${join(home, 'browser.mjs')}" %s`;

/** `credbroker login acme`, as a person runs it. */
export async function logInTo(world: Live): Promise<void> {
  const { stderr } = succeeded(await world.cli(['login', 'acme'], { BROWSER: browser(world) }));
  expect(stderr).toContain('Signed in to "acme"');
}

export async function signedInWorld(options: Partial<LiveOptions> = {}): Promise<Live> {
  const world = await tenantWorld(options);
  await logInTo(world);
  return world;
}

/** How often the tenant was asked for a new checkout. */
export const posts = ({ emulator }: Live): number => emulator.journal.calls('BritiveCheckout').length;
