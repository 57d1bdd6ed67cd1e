/** What the user may check out. Shape B has it all in one answer, shape C tells what it leaves out. */
import type { Bindings } from './aliases.ts';
import { ask, get } from './ask.ts';
import type { Call } from './connection.ts';
import type { CatalogueEntry } from './entry.ts';
import { idOf } from './entry.ts';
import { readPages } from './pages.ts';
import type { Parsed, Reply } from './reply.ts';
import { parse } from './reply.ts';
import { patiently } from './retry.ts';
import type { Listing } from './shapes.ts';
import { ofAccesses, parseListing } from './shapes.ts';

export interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly aliases: Bindings;
  readonly readAt: number;
}

const requestListing = (call: Call, size: number | null): Promise<Reply> =>
  ask(call, get(`/api/access?type=sdk${size === null ? '' : `&size=${size}`}`));

const parseListingReply = (reply: Reply): Parsed<Listing> => parse(reply, parseListing);

/** Never throws. Without details where the tenant knows no pages. */
export const readEntries = async (call: Call): Promise<Parsed<readonly CatalogueEntry[]>> => {
  const listing = await readListing(call);
  const paged = await readPaged(call);
  // A listing that is too long for one answer still comes in pages.
  if (listing.type !== 'ok') return listing.type === 'failure' && paged.type === 'ok' ? paged : listing;
  return { type: 'ok', value: paged.type === 'ok' ? enriched(listing.value, paged.value) : listing.value };
};

const readListing = async (call: Call): Promise<Parsed<readonly CatalogueEntry[]>> => {
  const first = await readOnce(call, null);
  if (first.type !== 'ok') return first;
  const { entries, missing } = first.value;
  if (missing === 0) return { type: 'ok', value: entries };
  const all = await readOnce(call, 2 * (entries.length + missing));
  return all.type === 'ok' ? { type: 'ok', value: all.value.entries } : all;
};

const readOnce = (call: Call, size: number | null): Promise<Parsed<Listing>> =>
  patiently(call, async () => parseListingReply(await requestListing(call, size)));

const readPaged = async (call: Call): Promise<Parsed<readonly CatalogueEntry[]>> => {
  const pages = await readPages(call, '/api/access?page=0&size=100');
  return pages.type === 'ok' ? { type: 'ok', value: ofAccesses(pages.value) } : pages;
};

const enriched = (
  entries: readonly CatalogueEntry[],
  details: readonly CatalogueEntry[],
): readonly CatalogueEntry[] => {
  const byId = new Map(details.map((entry) => [idOf(entry), entry]));
  return entries.map((entry) => {
    const more = byId.get(idOf(entry));
    return {
      ...entry,
      alternate: entry.alternate ?? more?.alternate ?? null,
      accountId: entry.accountId ?? more?.accountId ?? null,
      programmatic: more?.programmatic ?? entry.programmatic,
      console: more?.console ?? entry.console,
      extendable: more?.extendable ?? entry.extendable,
    };
  });
};
