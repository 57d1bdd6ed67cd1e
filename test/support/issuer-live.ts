/** The released program with an emulated OAuth issuer. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { IssuerKnobs } from '../../src/emulator/issuer/knobs.ts';
import { succeeded } from './container-clients.ts';
import { freePort } from './free-port.ts';
import { type Live, prepared } from './live.ts';
import { browser, page } from './tenant-live.ts';

interface IssuerOptions {
  readonly knobs: Partial<IssuerKnobs>;
  /** More keys of the session. */
  readonly keys: string;
}

/** A broker with a session `ngc`, and nobody signed in to it yet. */
export async function issuerWorld({ knobs = {}, keys = '' }: Partial<IssuerOptions> = {}): Promise<Live> {
  const world = await prepared({ knobs: { autoApprove: true }, port: await freePort() });
  const { issuer } = world.emulator;
  Object.assign(issuer.knobs, knobs);
  const session = `{ provider: oidc, issuer: "${issuer.url}", clientId: cli${keys} }`;
  appendFileSync(world.configFile, `sessions: { ngc: ${session} }\n`);
  writeFileSync(join(world.home, 'browser.mjs'), page);
  await world.start();
  return world;
}

/** The same once somebody has signed in as a person does. */
export async function signedInIssuerWorld(options: Partial<IssuerOptions> = {}): Promise<Live> {
  const world = await issuerWorld(options);
  const { stderr } = succeeded(await world.cli(['login', 'ngc'], { BROWSER: browser(world) }));
  expect(stderr).toContain('Signed in to "ngc"');
  return world;
}

/** What the issuer's API says to an access token. */
export async function apiStatus({ emulator }: Live, accessToken: string): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await fetch(`${emulator.issuer.url}/api`, { headers })).status;
}

/** How often a refresh token was sent. */
export const refreshes = ({ emulator }: Live): number =>
  emulator.journal
    .calls('IssuerToken')
    .filter(({ request }) => new URLSearchParams(request.body).get('grant_type') === 'refresh_token').length;
