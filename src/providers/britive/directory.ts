/** Keeps a session's catalogue: read at most once a day unless somebody asks, once for all who ask, stable in its names. */
import type { Offer } from '../../core/offers.ts';
import { assignAliases } from './aliases.ts';
import { judgeOf } from './ask.ts';
import type { Catalogue } from './catalogue.ts';
import { readEntries } from './catalogue.ts';
import type { Call } from './connection.ts';
import type { CatalogueEntry } from './entry.ts';
import { idOf } from './entry.ts';
import { denied } from './errors.ts';
import type { Match, NamedEntry } from './match.ts';
import { matchPath, named, offersOf } from './match.ts';
import type { Given, Names } from './names.ts';
import { isObject, verdictOf } from './reply.ts';
import type { BritiveDependencies, BritiveProfileSettings, BritiveSessionSettings, Verdict } from './types.ts';

const dayMs = 24 * 60 * 60_000;

interface Resolved {
  readonly entry: NamedEntry;
  /** When its ids were read. */
  readonly readAt: number;
}

/** A catalogue and what is made of it, once. */
interface Known extends Catalogue {
  readonly named: readonly NamedEntry[];
  readonly offers: readonly Offer[];
}

export class Directory {
  readonly #dependencies: BritiveDependencies;
  readonly #settings: BritiveSessionSettings;
  readonly #names: Names;
  readonly #key: string;
  #kept: Known | null;
  #reading: Promise<Verdict<Known>> | null = null;

  constructor(settings: BritiveSessionSettings, dependencies: BritiveDependencies, names: Names) {
    this.#dependencies = dependencies;
    this.#settings = settings;
    this.#names = names;
    // Another tenant under the same name has other profiles.
    this.#key = JSON.stringify(['britive', settings.baseUrl, settings.name]);
    const stored = dependencies.catalogues.load(this.#key);
    this.#kept = isCatalogue(stored) ? this.#known(stored) : null;
  }

  /** As last read, without asking anybody. */
  offers(): readonly Offer[] {
    return this.#kept?.offers ?? [];
  }

  /** The path of what is checked out, null for what is not in the catalogue. */
  pathOf(id: string): string | null {
    return this.offers().find((offer) => offer.id === id)?.path ?? null;
  }

  /** What is known here, without asking anybody. */
  peek(profile: BritiveProfileSettings): NamedEntry | null {
    const match = this.#kept === null ? null : find(this.#kept, profile);
    return match?.type === 'one' ? match.entry : null;
  }

  /** Old news where the tenant cannot be asked, unless `fresh` says that only new will do. */
  async entries(call: Call, fresh: boolean): Promise<Verdict<readonly NamedEntry[]>> {
    const catalogue = await (fresh ? this.#read(call) : this.#recent(call));
    return catalogue.type === 'ok' ? { ...catalogue, value: catalogue.value.named } : catalogue;
  }

  /** `since` is when the ids were read that the tenant has refused; null takes what is known. */
  async resolve(call: Call, profile: BritiveProfileSettings, since: number | null): Promise<Verdict<Resolved>> {
    const kept = this.#kept;
    const usable = kept !== null && (since === null || kept.readAt > since);
    const first = usable ? await this.#recent(call) : await this.#read(call);
    if (first.type !== 'ok') return first;
    const match = find(first.value, profile);
    // What is not there yet may have been granted since.
    const old = match.type === 'none' && first.value === kept;
    const last = old ? await this.#read(call) : first;
    if (last.type !== 'ok') return last;
    return resolved(old ? find(last.value, profile) : match, profile, last.value.readAt);
  }

  async #recent(call: Call): Promise<Verdict<Known>> {
    const kept = this.#kept;
    if (kept !== null && this.#dependencies.clock.now() - kept.readAt < dayMs) return { type: 'ok', value: kept };
    const read = await this.#read(call);
    return kept !== null && read.type === 'transient' ? { type: 'ok', value: kept } : read;
  }

  #read(call: Call): Promise<Verdict<Known>> {
    this.#reading ??= this.#readOnce(call).finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readOnce(call: Call): Promise<Verdict<Known>> {
    const read = await readEntries(call);
    if (read.type !== 'ok') return verdictOf(read, judgeOf(call));
    const aliases = assignAliases(read.value, this.#kept?.aliases ?? {});
    const catalogue = { entries: read.value, aliases, readAt: this.#dependencies.clock.now() };
    const kept = this.#known(catalogue);
    this.#kept = kept;
    await this.#names.save();
    await this.#dependencies.catalogues.save(this.#key, catalogue);
    return { type: 'ok', value: kept };
  }

  #known(catalogue: Catalogue): Known {
    const aliases = new Map(Object.entries(catalogue.aliases).map(([alias, id]) => [id, alias]));
    const give = (entry: CatalogueEntry): Given => {
      const id = idOf(entry);
      return this.#names.give(aliases.get(id) ?? id, this.#settings.name, { tenant: this.#key, id });
    };
    const entries = named(catalogue.entries, give);
    return { ...catalogue, named: entries, offers: offersOf(entries) };
  }
}

/** Of our own writing, in this version or an older one. */
const isCatalogue = (value: unknown): value is Catalogue =>
  isObject(value) &&
  typeof value['readAt'] === 'number' &&
  isObject(value['aliases']) &&
  Array.isArray(value['entries']) &&
  value['entries'].every(isEntry);

const isEntry = (value: unknown): boolean =>
  isObject(value) &&
  entryFields.every((name) => typeof value[name] === 'string') &&
  (value['alternate'] === null || typeof value['alternate'] === 'string');

const entryFields = ['papId', 'environmentId', 'applicationId', 'application', 'environment', 'profile', 'kind'];

const find = (catalogue: Known, { application, environment, access }: BritiveProfileSettings): Match =>
  matchPath(catalogue.named, [application, environment, access]);

const resolved = (match: Match, profile: BritiveProfileSettings, readAt: number): Verdict<Resolved> => {
  const path = `${profile.application}/${profile.environment}/${profile.access}`;
  switch (match.type) {
    case 'one':
      return { type: 'ok', value: { entry: match.entry, readAt } };
    case 'many':
      return denied('bad-request', `"${path}" is the path of ${match.candidates.length} profiles; use ids in it`);
    case 'none':
      return denied('not-found', `"${path}" is not among your profiles. Run: credbroker profiles sync`);
  }
};
