/** One seed's world: servers, networks, stores, a person, programs and the daemon between them. */
import { defaults } from '../../config/defaults.ts';
import type { SessionSettings, Settings } from '../../src/core/settings.ts';
import { seconds } from '../support/fake-clock.ts';
import { settingsWith, ssoProfile } from '../support/test-broker.ts';
import { Callers } from './callers.ts';
import { ClockChecks } from './checks/clock.ts';
import { SecretChecks } from './checks/secrets.ts';
import { type Post, ServingChecks } from './checks/serving.ts';
import { composeBroker } from './compose.ts';
import { Daemon } from './daemon.ts';
import { Dice } from './dice.ts';
import { Disk } from './disk.ts';
import { Observer } from './observer.ts';
import { openSite } from './open-site.ts';
import { Person } from './person.ts';
import { RoleServer } from './role-server.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import type { Site } from './site.ts';
import { Story } from './story.ts';
import { VirtualTime } from './virtual-time.ts';

export class World {
  readonly seed: number;
  readonly dice: Dice;
  readonly time = new VirtualTime();
  readonly story = new Story(this.time);
  readonly secrets = new SecretChecks(this.story);
  readonly scenario: Scenario;
  readonly daemon: Daemon;
  readonly disk: Disk;
  readonly person: Person;
  readonly callers: Callers;
  readonly serving: ServingChecks;
  readonly observer: Observer;
  readonly sites: ReadonlyMap<string, Site>;
  readonly posts: ReadonlyMap<string, Post>;
  /** Raised by a reload that gives `dev` another role. */
  role = 0;
  login: Settings['login'];

  constructor(seed: number) {
    this.seed = seed;
    this.dice = new Dice(seed);
    this.scenario = drawScenario(this.dice.fork());
    this.login = this.scenario.person.manual ? 'manual' : 'on-demand';
    const { scenario } = this;
    this.daemon = this.#daemon();
    this.disk = new Disk(this.daemon, (text) => this.secrets.look('state file', text));
    this.person = this.#person();
    this.serving = this.#serving();
    this.observer = new Observer(this, this.secrets);
    this.sites = new Map(scenario.sites.map((one) => [one.name, openSite(this, one)]));
    this.posts = new Map(
      scenario.profiles.map((one) => {
        const roles = new RoleServer(one, this.time, this.story);
        return [one.name, { scenario: one, roles, site: this.site(one.site) }];
      }),
    );
    const { time, story, daemon, serving } = this;
    const profiles = scenario.profiles.map(({ name }) => name);
    this.callers = new Callers({ time, story, daemon, checks: serving, profiles, dice: this.dice.fork() });
  }

  site(name: string): Site {
    const site = this.sites.get(name);
    if (!site) throw new Error(`there is no site "${name}"`);
    return site;
  }

  post(profile: string): Post {
    const post = this.posts.get(profile);
    if (!post) throw new Error(`there is no profile "${profile}"`);
    return post;
  }

  /** So many profiles that one has to wait for its turn. */
  isCrowded(): boolean {
    return this.posts.size > 6;
  }

  /** Whatever was to be waited for need not be any more. */
  excuse(): void {
    for (const { parts } of this.sites.values()) parts.calls.excuse();
  }

  settings(): Settings {
    const { refresh } = defaults;
    const { budget, profiles, sites } = this.scenario;
    const template = settingsWith().sessions.get('work');
    if (template?.provider !== 'aws-sso') throw new Error('there are no settings to begin with');
    const startUrl = (name: string): string => `https://${name}.awsapps.com/start`;
    const sessionOf = (name: string): SessionSettings => ({ ...template, name, startUrl: startUrl(name) });
    const roleOf = (name: string): string => (name === 'dev' ? `Role${this.role}` : 'Developer');
    return settingsWith({
      login: this.login,
      refresh: { ...refresh, budget: { ...refresh.budget, ...budget } },
      sessions: new Map(sites.map(({ name }) => [name, sessionOf(name)])),
      profiles: new Map(
        profiles.map(({ name, site }) => [name, { ...ssoProfile(name, site), roleName: roleOf(name) }]),
      ),
    });
  }

  #daemon(): Daemon {
    const { time, story } = this;
    return new Daemon({
      ...{ time, story, clock: new ClockChecks(time, story) },
      compose: (process) => composeBroker(this, process),
      started: () => this.observer.started(),
      ended: () => this.#processEnded(),
      leapt: () => this.observer.leapt(),
      beforeBeat: () => this.observer.beats(),
    });
  }

  #person(): Person {
    const { time, story, daemon } = this;
    return new Person({
      ...{ scenario: this.scenario.person, dice: this.dice.fork(), time, story, daemon },
      site: (name) => this.site(name),
      signedIn: (name) => this.observer.signedIn(name),
    });
  }

  #serving(): ServingChecks {
    const { time, story, daemon } = this;
    return new ServingChecks({
      ...{ time, story, daemon },
      post: (profile) => this.post(profile),
      leaptLately: () => this.observer.leaptSince(time.mono() - seconds(20)),
      asked: (profile) => this.observer.asked(profile),
      toldServed: (profile, leftMs, lifetimeMs) => this.observer.served(profile, leftMs, lifetimeMs),
      toldRefused: (profile, error) => this.observer.refused(profile, error),
    });
  }

  /** What ends when the daemon does, by whatever means. */
  #processEnded(): void {
    this.serving.processEnded();
    this.callers.processEnded();
    for (const { parts } of this.sites.values()) {
      parts.store.abandon();
      for (const part of [parts.calls, parts.tokens, parts.windows]) part.processEnded();
    }
  }
}
