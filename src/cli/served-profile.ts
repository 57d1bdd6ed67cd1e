/** Which profile a person means. A script gets exactly what it named, and never what is only like it. */
import { didYouMean } from '../../config/closest.ts';
import { BrokerError } from '../core/errors.ts';
import type { MatchView, ProfileView, SessionStateName, StatusView } from '../core/views.ts';
import type { RunningDaemon } from './background.ts';
import type { Context } from './context.ts';
import { findProfile } from './endpoint.ts';
import { usage } from './exit.ts';
import { shellWord } from './shell-text.ts';
import { columns, say } from './text.ts';

export interface Found {
  readonly profile: ProfileView;
  /** It knows the profile, which an earlier one may not have. */
  readonly status: StatusView;
}

type Asked = Pick<RunningDaemon, 'client' | 'status'>;
type Candidate = MatchView['candidates'][number];

const mostShown = 10;

/** Throws `ProfileNotFound`, or for what is not served `ConfigInvalid` with its own problem. */
export async function findServed(context: Context, daemon: Asked, name: string): Promise<Found> {
  const found = await findKnown(context, daemon, name);
  const { state, lastError } = found.profile;
  if (state !== 'unserved') return found;
  throw new BrokerError('ConfigInvalid', lastError ?? `Profile "${name}" is not served. Run: credbroker status`);
}

/** Throws `ProfileNotFound`. */
export async function findKnown(context: Context, { client, status }: Asked, name: string): Promise<Found> {
  const profile = findProfile(status, name);
  if (profile !== null) return { profile, status };
  const match = await client.match(name);
  const meant = await choose(context, match, name);
  // What is offered may have been learned only now.
  const now = await client.status();
  const found = meant === null ? null : findProfile(now, meant.name);
  if (found !== null) return { profile: found, status: now };
  throw unknown(name, now);
}

/** Null where nothing is like it. */
async function choose(context: Context, { exact, candidates }: MatchView, name: string): Promise<Candidate | null> {
  const [only, ...others] = candidates;
  if (only === undefined || (exact && others.length === 0)) return only ?? null;
  if (!context.interactive) throw refused(name, candidates);
  if (others.length > 0) return pick(context, candidates, name);
  say(context, `Taking "${only.name}" for "${name}"`);
  return only;
}

async function pick(context: Context, candidates: readonly Candidate[], name: string): Promise<Candidate> {
  say(context, `Which profile is "${name}"?`);
  for (const [at, candidate] of candidates.slice(0, mostShown).entries()) {
    say(context, `  ${at + 1}  ${described(candidate)}`);
  }
  if (candidates.length > mostShown) say(context, `  and ${candidates.length - mostShown} more: say more of the name`);
  const answer = (await context.ask('Number: ')).trim();
  const chosen = candidates.find((each, at) => answer === each.name || (at < mostShown && answer === String(at + 1)));
  if (chosen === undefined) throw refused(name, candidates);
  return chosen;
}

const described = ({ name, path }: Candidate): string => (path === null ? name : `${name}  ${path}`);

/** At most ten of them, the names ready to be pasted. */
function refused(name: string, candidates: readonly Candidate[]): Error {
  const shown = columns(candidates.slice(0, mostShown).map((each) => [shellWord(each.name), each.path ?? '']));
  const said = candidates.length === 1 ? 'Did you mean' : 'Did you mean one of';
  const amount = candidates.length > mostShown ? `${said} ${candidates.length}, such as` : said;
  return usage(`No profile is called just "${name}". ${amount}:`, shown);
}

function unknown(name: string, { profiles, sessions }: StatusView): BrokerError {
  const near = didYouMean(
    name,
    profiles.map((each) => each.name),
  );
  // What a tenant offers is not known before a sign-in.
  const unasked = sessions.find(({ provider, state }) => provider === 'britive' && awaitsPerson.has(state));
  const [also, next] =
    near === '' && unasked !== undefined
      ? [`, unless session "${unasked.name}" has it`, `credbroker login ${shellWord(unasked.name)}`]
      : [near, 'credbroker profiles'];
  return new BrokerError('ProfileNotFound', `No profile "${name}"${also}. Run: ${next}`);
}

const awaitsPerson: ReadonlySet<SessionStateName> = new Set(['signed-out', 'login-required']);
