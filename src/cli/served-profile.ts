/** Which profile a person means. A script gets exactly what it named, and never what is only like it. */
import { didYouMean } from '../../config/closest.ts';
import type { BrokerClient } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import type { MatchView, ProfileView, SessionStateName, SessionView, StatusView } from '../core/views.ts';
import type { RunningDaemon } from './background.ts';
import type { Context } from './context.ts';
import { findProfile } from './endpoint.ts';
import { usage } from './exit.ts';
import { shellWord } from './shell-text.ts';
import { signInAgain } from './sign-in.ts';
import { columns, say } from './text.ts';

export interface Found {
  readonly profile: ProfileView;
  /** It knows the profile, which an earlier one may not have. */
  readonly status: StatusView;
}

type Asked = Pick<RunningDaemon, 'client' | 'status'>;
type Candidate = MatchView['candidates'][number];

const mostShown = 10;
/** How often a person may type what is on no list. */
const picks = 3;

/** Throws `ProfileNotFound`, or for what is not served `ConfigInvalid` with its own problem. */
export async function findServed(context: Context, daemon: Asked, name: string): Promise<Found> {
  const found = (await find(context, daemon, name)) ?? (await findSignedIn(context, daemon.client, name));
  if (found === null) throw unknown(name, await daemon.client.status());
  const { state, lastError } = found.profile;
  if (state !== 'unserved') return found;
  throw new BrokerError('ConfigInvalid', lastError ?? `Profile "${name}" is not served. Run: credbroker status`);
}

/** For who only looks at it. Throws `ProfileNotFound`. */
export async function findKnown(context: Context, daemon: Asked, name: string): Promise<Found> {
  const found = await find(context, daemon, name);
  if (found === null) throw unknown(name, await daemon.client.status());
  return found;
}

async function find(context: Context, { client, status }: Asked, name: string): Promise<Found | null> {
  const profile = findProfile(status, name);
  return profile === null ? lookUp(context, client, name) : { profile, status };
}

async function lookUp(context: Context, client: BrokerClient, name: string): Promise<Found | null> {
  const meant = await choose(context, await client.match(name), name);
  // What is offered may have been learned only now.
  const status = await client.status();
  const profile = meant === null ? null : findProfile(status, meant.name);
  return profile === null ? null : { profile, status };
}

/** What a tenant offers is not known before the first sign-in. */
async function findSignedIn(context: Context, client: BrokerClient, name: string): Promise<Found | null> {
  const status = await client.status();
  const [unasked, ...others] = status.sessions.filter((session) => isNew(session, status));
  if (unasked === undefined || others.length > 0 || nearest(name, status) !== '') return null;
  return (await signInAgain(context, client, unasked)) ? lookUp(context, client, name) : null;
}

/** Nobody has signed in to it, nor out of it. */
const isNew = ({ name, countsCheckouts, state, expiresAt }: SessionView, { profiles }: StatusView): boolean =>
  countsCheckouts &&
  state === 'login-required' &&
  expiresAt === null &&
  !profiles.some(({ session, implied }) => implied && session === name);

/** Null where nothing is like it. */
async function choose(context: Context, match: MatchView, name: string): Promise<Candidate | null> {
  const [only, ...others] = match.candidates;
  if (only === undefined || (match.exact && others.length === 0)) return only ?? null;
  if (!context.interactive) throw refused(name, match);
  if (others.length > 0) return pick(context, match, name);
  say(context, `Taking "${only.name}" for "${name}"`);
  return only;
}

async function pick(context: Context, match: MatchView, name: string): Promise<Candidate> {
  const { candidates } = match;
  say(context, `Which profile is "${name}"?`);
  for (const [at, candidate] of candidates.slice(0, mostShown).entries()) {
    say(context, `  ${at + 1}  ${described(candidate)}`);
  }
  if (candidates.length > mostShown) say(context, `  and ${candidates.length - mostShown} more: say more of the name`);
  for (let turn = 1; turn <= picks; turn++) {
    const answer = (await context.ask('Number: ')).trim();
    if (answer === '') break;
    const chosen = candidates.find((each, at) => answer === each.name || (at < mostShown && answer === String(at + 1)));
    if (chosen !== undefined) return chosen;
    if (turn < picks) say(context, `"${answer}" is none of them`);
  }
  throw refused(name, match);
}

const described = ({ name, path }: Candidate): string => (path === null ? name : `${name}  ${path}`);

/** At most ten of them, the names ready to be pasted. */
function refused(name: string, { exact, candidates }: MatchView): Error {
  const shown = columns(candidates.slice(0, mostShown).map((each) => [shellWord(each.name), each.path ?? '']));
  const said = candidates.length === 1 ? 'Did you mean' : 'Did you mean one of';
  const amount = candidates.length > mostShown ? `${said} ${candidates.length}, such as` : said;
  const why = exact ? `Several profiles are called "${name}"` : `No profile "${name}"`;
  return usage(`${why}. ${amount}:`, shown);
}

const nearest = (name: string, { profiles }: StatusView): string =>
  didYouMean(
    name,
    profiles.map((each) => each.name),
  );

function unknown(name: string, status: StatusView): BrokerError {
  const near = nearest(name, status);
  const unasked = status.sessions.find(({ countsCheckouts, state }) => countsCheckouts && awaitsPerson.has(state));
  const [also, next] =
    near === '' && unasked !== undefined
      ? [`, unless session "${unasked.name}" has it`, `credbroker login ${shellWord(unasked.name)}`]
      : [near, 'credbroker profiles'];
  return new BrokerError('ProfileNotFound', `No profile "${name}"${also}. Run: ${next}`);
}

const awaitsPerson: ReadonlySet<SessionStateName> = new Set(['signed-out', 'login-required']);
