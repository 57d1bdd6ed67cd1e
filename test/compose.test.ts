import { expect, it, onTestFinished } from 'vitest';
import { defaults } from '../config/defaults.ts';
import { secretSessionStore } from '../src/adapters/secret-session-store.ts';
import { memoryStore } from '../src/adapters/secret-store/memory-store.ts';
import { composeBroker } from '../src/compose.ts';
import { Kept } from '../src/core/kept.ts';
import { emulated } from './support/emulated.ts';
import { MemoryFile } from './support/memory-file.ts';
import { recordingLog } from './support/quiet-log.ts';
import { never, sessionRecord, sessionSettings } from './support/sso-world.ts';

/** A broker as it is shipped, which holds an access token that the emulated portal does not know, and nothing to refresh it with. */
async function refusedBroker() {
  const { emulator, clock } = await emulated();
  const secrets = memoryStore();
  await secretSessionStore(secrets, 'work').save(sessionRecord(clock, { refreshToken: null }), null);
  const session = sessionSettings({
    tokenCache: 'private',
    oidcEndpoint: emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC,
    portalEndpoint: emulator.environment.AWS_ENDPOINT_URL_SSO,
  });
  const { listen, login, refresh } = defaults;
  const { broker, close } = composeBroker({
    ...{
      env: {},
      platform: 'linux',
      version: '0.0.0',
      seed: 'seed',
      clock,
      timers: clock,
      log: recordingLog(),
      secrets,
    },
    memos: new Kept(new MemoryFile()),
    checkouts: new Kept(new MemoryFile()),
    loginRegions: new Kept(new MemoryFile()),
    catalogues: new Kept(new MemoryFile()),
    settings: {
      ...{ listen, login, refresh, diagnostics: [], files: [], profiles: new Map() },
      sessions: new Map([['work', session]]),
    },
  });
  onTestFinished(close);
  return broker;
}

it('says what to run when the access portal refuses to list accounts', async () => {
  const broker = await refusedBroker();
  await expect(broker.errands.catalogue('work', () => {}, never)).rejects.toMatchObject({
    code: 'LoginRequired',
    message: 'Session "work" has expired. Run: credbroker login work',
  });
});
