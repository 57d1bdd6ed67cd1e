/** One profile: its credentials for the SDKs, whatever else it yields for people, and the address of its console page. */

import { transient } from '../failures.ts';
import { parseConsoleUrl, parseTokens, requestConsoleUrl, requestTokens } from './access.ts';
import { checkIn } from './checked-out.ts';
import type { Call } from './connection.ts';
import type { Collect, Errand, ProfileParts } from './errand.ts';
import { run } from './errand.ts';
import { denied } from './errors.ts';
import { readToken } from './jwt.ts';
import type { NamedEntry } from './match.ts';
import type { Collected, Issued } from './operation.ts';
import type { Payload } from './payload.ts';
import type { Parsed } from './reply.ts';
import { earliest } from './timestamps.ts';
import type { AcquireRequest, Credentials, LeaseUpstream, Verdict } from './types.ts';

export interface BritiveProfile extends LeaseUpstream {
  /** Any application's credentials, for a person; no SDK reads them. */
  readonly issue: (request: AcquireRequest) => Promise<Verdict<Issued<Payload>>>;
  /** The console's address, which is as good as a password for a few minutes. */
  readonly openConsole: (request: AcquireRequest) => Promise<Verdict<Issued<string>>>;
}

/** The longest of its waits, a checkout's own, and what comes before and after it. */
const timeoutMs = 200_000;

export const openProfile = (parts: ProfileParts): BritiveProfile => {
  const { idleCheckinMs } = parts.connection.settings;
  let bothered = false;
  const noticing = async <T>(issuing: Promise<Verdict<T>>): Promise<Verdict<T>> => {
    const verdict = await issuing;
    if (verdict.type === 'denied' && verdict.why.startsWith('needs-')) bothered = true;
    return verdict;
  };
  return {
    get renewal() {
      return parts.directory.peek(parts.settings)?.extendable === true ? 'extend' : 'exclusive';
    },
    // Once a gate was met, nothing knocks at it before somebody asks.
    get prefetch() {
      return !bothered;
    },
    timeoutMs,
    ...(idleCheckinMs !== null && { idleMs: idleCheckinMs }),
    acquire: (request) => noticing(acquire(parts, request)),
    release: ({ record, checkout, signal }) =>
      checkIn({ connection: parts.connection, record, signal }, checkout.transaction),
    issue: (request) => noticing(run(parts, request, errand)),
    openConsole: (request) => noticing(run(parts, request, consoleErrand)),
  };
};

const acquire = async (parts: ProfileParts, request: AcquireRequest): Promise<Verdict<Credentials>> => {
  const issued = await run(parts, request, { ...errand, refusal: onlyForPeople });
  return issued.type === 'ok' ? credentialsOf(parts, issued.value) : issued;
};

const onlyForPeople = ({ kind, catalogueName, path }: NamedEntry): Verdict<never> | null =>
  kind === 'aws'
    ? null
    : denied('bad-request', `"${path}" is ${catalogueName || 'not of AWS'}, for checkout -o json or env alone`);

const credentialsOf = ({ directory, settings }: ProfileParts, issued: Issued<Payload>): Verdict<Credentials> => {
  const entry = directory.peek(settings);
  if (issued.value.kind !== 'aws') return denied('bad-request', 'it yields no AWS credentials');
  // Nobody could tell when to renew it.
  if (issued.expiresAt === null) return transient('bad-body', 'the checkout does not say when it ends');
  const { accessKeyId, secretAccessKey, sessionToken } = issued.value;
  const { transaction, expiresAt } = issued;
  const accountId = entry?.accountId ?? null;
  return {
    type: 'ok',
    value: { accessKeyId, secretAccessKey, sessionToken, expiresAt, accountId, roleArn: null, transaction },
  };
};

const tokensOf =
  ({ kind }: NamedEntry): Collect<Payload> =>
  async (call, { transaction, expiresAt }) => {
    const found = collected(parseTokens(await requestTokens(call, transaction), kind));
    if (found.type !== 'ok' || found.value === null || found.value === 'given-back') return found;
    const { shownOnce } = call.connection;
    if (found.value === 'incomplete')
      return { ...found, value: shownOnce.of(transaction, ownerOf(call)) ?? found.value };
    const endsAt = earliest(expiresAt, found.value.expiresAt);
    shownOnce.keep(transaction, { owner: ownerOf(call), tokens: found.value, endsAt });
    return found;
  };

/** Whoever is signed in, also by their next session. */
const ownerOf = ({ record }: Call): string => {
  const token = record?.accessToken ?? '';
  return readToken(token).username ?? token;
};

const errand: Errand<Payload> = { accessType: 'PROGRAMMATIC', refusal: () => null, collect: tokensOf };

const consoleUrl: Collect<string> = async (call, { transaction }) =>
  collected(parseConsoleUrl(await requestConsoleUrl(call, transaction)));

const consoleErrand: Errand<string> = { accessType: 'CONSOLE', refusal: () => null, collect: () => consoleUrl };

/** Here a 404 says that it is not ready yet. */
const collected = <T>(parsed: Parsed<Collected<T>>): Parsed<Collected<T> | null> => {
  if (parsed.type !== 'refused') return parsed;
  if (parsed.class === 'not-found') return { type: 'ok', value: null };
  return parsed.class === 'already-in' ? { type: 'ok', value: 'given-back' } : parsed;
};
