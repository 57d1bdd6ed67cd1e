/** Ours: the shipped engine, asked as the routes ask it (`peek`, then `get`), with a heartbeat every 15 s. */
import { defaults } from '../../config/defaults.ts';
import { BrokerError } from '../../src/core/errors.ts';
import type { RefreshNumbers } from '../../src/core/settings.ts';
import { minutes, seconds } from '../support/fake-clock.ts';
import { dayBegins, openBroker, profileName } from './engine-broker.ts';
import type { Source, Strategy, World } from './source.ts';

export const ours: Strategy = { name: 'ours', open: (world) => engine(world, defaults.refresh.lead) };

/** What the lead alone is worth: the same engine with the five minutes that others use. */
export const oursShortLead: Strategy = {
  name: 'ours with a 5-min lead (ablation)',
  open: (world) => engine(world, [{ upToMs: Number.POSITIVE_INFINITY, minMs: minutes(5), maxMs: minutes(5) }]),
};

function engine(world: World, lead: RefreshNumbers['lead']): Source {
  const { time } = world;
  const broker = openBroker(world, lead);
  const names = Array.from({ length: world.profiles }, (_, profile) => profileName(profile));
  time.every(seconds(15), () => {
    time.stir();
    broker.beat();
  });
  return {
    request: (profile, holdMs, answer) => {
      const name = names[profile] ?? '';
      const warm = broker.peek(name);
      if (warm) return answer({ expiresAt: warm.expiresAt - dayBegins });
      time.stir();
      broker.get(name, { holdMs, signal: new AbortController().signal }).then(
        (served) => answer({ expiresAt: served.expiresAt - dayBegins }),
        (error: unknown) => {
          if (!(error instanceof BrokerError)) throw error;
          answer(null);
        },
      );
    },
  };
}
