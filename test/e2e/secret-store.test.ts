/** Where the released program keeps its tokens, and what it says when they cannot be had. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { succeeded } from '../support/container-clients.ts';
import type { Live } from '../support/live.ts';
import { sessionBus } from '../support/session-bus.ts';
import { tempDir } from '../support/temp-dir.ts';
import { logInTo, posts, signedInWorld } from '../support/tenant-live.ts';

const restart = async (world: Live): Promise<void> => {
  await world.daemon.kill('SIGTERM');
  await world.start();
};

const stateOf = ({ home }: Live): string => join(home, 'state');

const shown = async (world: Live): Promise<string> =>
  succeeded(await world.cli(['status']))
    .stdout.split('\n')
    .find((line) => line.startsWith('Tokens in')) ?? '';

/** The first answer is a checkout; after a start only the session in the store leads to another. */
const asked = async (world: Live, profile: string) => {
  const { status, body } = await world.ask(profile, await world.grant());
  return { status, message: JSON.parse(body).message };
};

/** What a program is told meanwhile: why, and nothing that would have it sign in. */
const unreadable = (why: string) => ({
  status: 503,
  message: expect.stringContaining(`The stored tokens of "acme" cannot be read now: ${why}`),
});

describe('CREDBROKER_KEYRING_BACKEND=file', () => {
  it('keeps the tokens in the encrypted file although there is a keychain', async (test) => {
    const bus = await sessionBus(test);
    await bus.startKeyring('\n');
    const world = await signedInWorld({ env: { DBUS_SESSION_BUS_ADDRESS: bus.env['DBUS_SESSION_BUS_ADDRESS'] } });
    expect(readdirSync(stateOf(world))).toEqual(expect.arrayContaining(['sessions.jwe', 'sessions.key']));
    expect(() => bus.secretTool(['lookup', 'service', 'credbroker'])).toThrow();
    expect(await shown(world)).toBe('Tokens in an encrypted file (key in ~/state/sessions.key)');
  });

  it('with another key says so, offers the sign-in, and goes on after it (case 40)', async () => {
    const world = await signedInWorld();
    expect((await asked(world, 'cloud-dev')).status).toBe(200);
    writeFileSync(join(stateOf(world), 'sessions.key'), Buffer.alloc(32, 9).toString('base64url'), { mode: 0o600 });
    await restart(world);
    const words = 'Not signed in to "acme". Run: credbroker login acme';
    expect(await asked(world, 'release')).toEqual({ status: 403, message: words });
    expect(world.log()).toContainEqual(
      expect.objectContaining({ level: 'warn', why: 'it was written under another key' }),
    );
    await logInTo(world);
    await restart(world);
    expect((await asked(world, 'cloud-dev')).status).toBe(200);
    expect(posts(world)).toBe(1);
  });
});

describe('without CREDBROKER_KEYRING_BACKEND', () => {
  it('the key is in the keychain, and a keychain that is gone loses nothing', async (test) => {
    const bus = await sessionBus(test);
    const keyring = await bus.startKeyring('pw');
    const { DBUS_SESSION_BUS_ADDRESS } = bus.env;
    const world = await signedInWorld({ env: { DBUS_SESSION_BUS_ADDRESS, CREDBROKER_KEYRING_BACKEND: '' } });
    expect(await shown(world)).toBe('Tokens in an encrypted file (key in the keychain)');
    keyring.kill('SIGKILL');
    await restart(world);
    expect(await asked(world, 'cloud-dev')).toEqual(unreadable('There is no keychain here'));
    expect(await shown(world)).toBe('Tokens in an encrypted file (key in the keychain). There is no keychain here');
    expect(readdirSync(stateOf(world))).not.toContain('sessions.key');
    await bus.startKeyring('pw');
    await restart(world);
    expect((await asked(world, 'cloud-dev')).status).toBe(200);
  });
});

describe('CREDBROKER_PASSPHRASE_FILE', () => {
  it('puts the key under the passphrase, and a wrong one loses nothing', async () => {
    const passphraseFile = join(tempDir(), 'passphrase');
    const say = (text: string) => writeFileSync(passphraseFile, text, { mode: 0o600 });
    say('open sesame\n');
    const world = await signedInWorld({ env: { CREDBROKER_PASSPHRASE_FILE: passphraseFile } });
    expect(await shown(world)).toBe('Tokens in an encrypted file (key under a passphrase in ~/state/sessions.key.jwe)');
    say('open barley\n');
    await restart(world);
    expect(await asked(world, 'cloud-dev')).toEqual(unreadable('The passphrase in'));
    const words = `The passphrase in "${passphraseFile}" does not open "${join(stateOf(world), 'sessions.key.jwe')}"`;
    expect(await shown(world)).toContain(`${words}. Correct it, or move that file away and sign in again`);
    say('open sesame\n');
    await restart(world);
    expect((await asked(world, 'cloud-dev')).status).toBe(200);
    const said = [world.logText(), readFileSync(join(stateOf(world), 'sessions.key.jwe'), 'latin1')].join();
    expect(said).not.toMatch(/open (sesame|barley)/);
  });

  it('is waited for by a broker that was started without it', async () => {
    const passphraseFile = join(tempDir(), 'passphrase');
    writeFileSync(passphraseFile, 'open sesame', { mode: 0o600 });
    const world = await signedInWorld({ env: { CREDBROKER_PASSPHRASE_FILE: passphraseFile } });
    await world.daemon.kill('SIGTERM');
    world.env['CREDBROKER_PASSPHRASE_FILE'] = '';
    await world.start();
    expect(await asked(world, 'cloud-dev')).toEqual(unreadable('Tokens are under a passphrase'));
    expect(await shown(world)).toContain('Set CREDBROKER_PASSPHRASE_FILE and run: credbroker restart');
    expect(readdirSync(stateOf(world))).not.toContain('sessions.key');
  });
});
