/** Puts one site together with those who watch it. */
import { CallChecks } from './checks/calls.ts';
import { NoticeChecks } from './checks/notices.ts';
import { TokenChecks } from './checks/tokens.ts';
import { WindowChecks } from './checks/windows.ts';
import { Network } from './network.ts';
import type { SiteScenario } from './scenario.ts';
import { SignInServer } from './sign-in-server.ts';
import { Site } from './site.ts';
import { TokenStore } from './token-store.ts';
import { Weather } from './weather.ts';
import type { World } from './world.ts';

export function openSite(world: World, scenario: SiteScenario): Site {
  const { time, story, daemon, person, serving, observer } = world;
  const { refresh } = world.settings();
  const profiles = world.scenario.profiles.filter(({ site }) => site === scenario.name);
  const server = new SignInServer(scenario, time, story);
  const store = new TokenStore({ time, story, daemon, delayMs: scenario.storeDelayMs });
  const weather = new Weather(world.scenario, world.dice.fork(), time);
  const calls = new CallChecks({ time, story, numbers: refresh, easy: (key) => isEasy(world, key) });
  const tokens = new TokenChecks({ scenario, time, story, server, store });
  const windows = new WindowChecks({
    ...{ site: scenario.name, time, story, daemon, calls, tokens, numbers: refresh.login },
    awaySince: person.knownAwaySince,
    demandedAt: () => Math.max(...profiles.map(({ name }) => serving.demandedAt(name))),
    inUse: () => profiles.some(({ name }) => ['due', 'short'].includes(stateOf(world, name))),
    mayOpen: () => world.login === 'on-demand' && world.scenario.person.mayOpenBrowser,
  });
  const network = new Network({ time, story, weather, daemon, checks: calls });
  const notices = new NoticeChecks({ time, story, daemon, numbers: refresh.login });
  const checks = { calls, tokens, windows, notices, idle: observer.idle };
  return new Site({ scenario, profiles, time, story, daemon, person, server, store, weather, network, ...checks });
}

const stateOf = ({ daemon }: World, profile: string): string =>
  daemon.process.broker.profiles().find(({ name }) => name === profile)?.state ?? '';

/** Whether the session of a refresh, or the profile of an acquire, has what nobody has to wait for. */
function isEasy(world: World, key: string): boolean {
  const [kind, name = ''] = key.split(' ');
  if (kind === 'acquire') return ['fresh', 'due'].includes(stateOf(world, name));
  const session = world.daemon.process.broker.sessions().find((view) => view.name === name);
  return session?.state === 'active' || session?.state === 'expiring';
}
