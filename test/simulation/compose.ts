/** A broker as `src/compose.ts` makes it, of this world's pieces. */
import { Broker } from '../../src/core/broker.ts';
import { noErrands } from '../support/test-broker.ts';
import type { Process } from './daemon.ts';
import type { World } from './world.ts';

export function composeBroker(world: World, process: Process): Broker {
  const { person, scenario, secrets, time } = world;
  const disk = world.disk.open(process);
  const { timers, clock } = process;
  const broker = new Broker({
    settings: world.settings(),
    ...{ clock, timers },
    random: world.dice.fork().next,
    log: secrets.log(process),
    seed: String(world.seed),
    notify: (notice) => {
      if (!process.alive) return;
      secrets.look('notice', notice.message);
      world.site(notice.session).parts.notices.told(notice);
    },
    fingerprint,
    checkouts: disk.checkouts,
    openSession: (settings) => ({
      settings,
      canOpenBrowser: scenario.person.mayOpenBrowser,
      upstream: world.site(settings.name).session(),
      store: world.site(settings.name).parts.store,
      presence: person.presence,
      memo: disk.memoOf(settings.name),
      saveMemo: (memo) => disk.saveMemo(settings.name, memo),
    }),
    openProfile: ({ name }) => {
      const { site, scenario: profile, roles } = world.post(name);
      return site.profile(profile, roles);
    },
    errands: noErrands,
  });
  broker.watch(time.stir);
  return broker;
}

/** Tells the tokens of this world apart by their number, and leaves out what makes them secrets. */
const fingerprint = (secret: string): string => `${secret.length}${secret.slice(secret.lastIndexOf('-'))}`;
