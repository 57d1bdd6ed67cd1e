/**
 * What profiles of tenants are called when nobody configures them, over all sessions. A name leads to what it was given
 * to or nowhere, whatever sessions and profiles come or go: who types it from memory never gets other keys.
 */
import type { Offer } from '../../core/offers.ts';
import { isObject } from './reply.ts';
import type { CatalogueStore } from './types.ts';

export type Given = Pick<Offer, 'alias' | 'qualified'>;

export const namesKey = JSON.stringify(['britive', 'names']);

export class Names {
  readonly #store: CatalogueStore;
  /** To what it was given to; nothing is ever taken out. */
  readonly #given: Map<string, string>;
  #isSaved = true;

  constructor(store: CatalogueStore) {
    this.#store = store;
    const stored = store.load(namesKey);
    this.#given = new Map(isRecord(stored) ? Object.entries(stored) : []);
  }

  /** `tenant` tells apart what has the same id elsewhere. The name with the session's stands in for a short one that is taken. */
  give(alias: string, session: string, { tenant, id }: { readonly tenant: string; readonly id: string }): Given {
    const place = JSON.stringify([tenant, id]);
    const qualified = this.#first(`${session}.${alias}`, place);
    return { alias: this.#take(alias, place) ? alias : qualified, qualified };
  }

  async save(): Promise<void> {
    if (this.#isSaved) return;
    this.#isSaved = true;
    await this.#store.save(namesKey, Object.fromEntries(this.#given));
  }

  #first(name: string, place: string): string {
    if (this.#take(name, place)) return name;
    for (let n = 2; ; n++) if (this.#take(`${name}-${n}`, place)) return `${name}-${n}`;
  }

  /** Whether it is the place's own, now or since long. */
  #take(name: string, place: string): boolean {
    const owner = this.#given.get(name);
    if (owner !== undefined) return owner === place;
    this.#given.set(name, place);
    this.#isSaved = false;
    return true;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every((one) => typeof one === 'string');
