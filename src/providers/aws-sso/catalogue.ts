/** Every account and role of a session. The portal allows about 20 calls a second to a whole organisation; we take 10. */

import type { CatalogueRequest, CatalogueRole } from '../../core/errand-upstream.ts';
import type { Verdict } from '../../core/types.ts';
import { transient } from '../failures.ts';
import type { Reply } from '../json-reply.ts';
import { Limiter } from './limiter.ts';
import type { Account, Page, PageRequest } from './portal.ts';
import { parseAccountRoles, parseAccounts, requestAccountRoles, requestAccounts } from './portal.ts';
import type { Upstream } from './upstream.ts';
import { portalCall } from './upstream.ts';

const gapMs = 100;
const pageSize = 100;
const lanes = 4;
const attempts = 8;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;

type Ask<T> = (page: PageRequest) => Promise<Verdict<Page<T>>>;

export const readCatalogue = async (
  upstream: Upstream,
  { record, progress, signal }: CatalogueRequest,
): Promise<Verdict<readonly CatalogueRole[]>> => {
  const call = portalCall(upstream, record, signal);
  const limiter = new Limiter(upstream.dependencies, gapMs);
  const asker = <T>(request: (page: PageRequest) => Promise<Reply>, parse: (reply: Reply) => Verdict<Page<T>>) =>
    patient(limiter, signal, async (page) => parse(await request(page)));

  const accounts = await readPages(asker((page) => requestAccounts(call, page), parseAccounts));
  if (accounts.type !== 'ok') return accounts;
  const total = accounts.value.length;
  let done = 0;
  progress(total, done);
  return inLanes(accounts.value, async (account) => {
    const roles = await readPages(
      asker((page) => requestAccountRoles(call, account.accountId, page), parseAccountRoles),
    );
    if (roles.type === 'ok' || roles.type === 'denied') progress(total, ++done);
    return rolesOf(account, roles);
  });
};

/** An account that was taken away in between has no roles; it does not spoil the others. */
const rolesOf = (account: Account, roles: Verdict<readonly string[]>): Verdict<readonly CatalogueRole[]> => {
  if (roles.type === 'denied') return { type: 'ok', value: [] };
  if (roles.type !== 'ok') return roles;
  return { ...roles, value: roles.value.map((roleName) => ({ ...account, roleName, offer: null })) };
};

const readPages = async <T>(ask: Ask<T>): Promise<Verdict<readonly T[]>> => {
  const all: T[] = [];
  for (let nextToken: string | null = null; ; ) {
    const page: Verdict<Page<T>> = await ask({ maxResults: pageSize, nextToken });
    if (page.type !== 'ok') return page;
    all.push(...page.value.items);
    if (page.value.nextToken === null) return { ...page, value: all };
    nextToken = page.value.nextToken;
  }
};

/** Waits its turn, and asks again after a transient failure. */
const patient =
  <T>(limiter: Limiter, signal: AbortSignal, ask: Ask<T>): Ask<T> =>
  async (page) => {
    for (let attempt = 1; ; attempt++) {
      if (!(await limiter.turn(signal))) return transient('aborted', 'stopped while waiting');
      const verdict = await ask(page);
      if (verdict.type !== 'transient' || attempt === attempts) return verdict;
      limiter.pause(Math.min(verdict.retryAfterMs ?? firstPauseMs * 2 ** (attempt - 1), longestPauseMs));
    }
  };

/** A few at a time, answers in the order of the items; the first failure stops them all. */
const inLanes = async <T, R>(
  items: readonly T[],
  run: (item: T) => Promise<Verdict<readonly R[]>>,
): Promise<Verdict<readonly R[]>> => {
  const found = new Map<T, readonly R[]>();
  const failures: Verdict<never>[] = [];
  const queue = items.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      const verdict = await run(item);
      if (verdict.type === 'ok') found.set(item, verdict.value);
      else failures.push(verdict);
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const value = items.flatMap((item) => found.get(item) ?? []);
  return failures[0] ?? { type: 'ok', value };
};
