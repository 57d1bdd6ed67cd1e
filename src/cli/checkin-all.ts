/** Gives back everything: what the daemon holds, what was written here, and whatever else the tenants list. */
import type { CheckoutsView, CheckoutView } from '../core/checkout-views.ts';
import { messageOf } from '../core/errors.ts';
import type { ProfileView, SessionView, StatusView } from '../core/views.ts';
import type { RunningDaemon } from './background.ts';
import { checkoutDirectory, listCheckouts } from './checkout-state.ts';
import type { Context } from './context.ts';
import { findProfile } from './endpoint.ts';
import { ExitError } from './exit.ts';
import { clear, cleared, consoleOf, listMs, waited } from './give-back.ts';
import { signInAgain } from './sign-in.ts';
import { say } from './text.ts';

/** One failure hinders no other. Throws at the end where there was any. */
export async function checkInAll(context: Context, { client, status }: RunningDaemon): Promise<void> {
  const states = await listCheckouts(checkoutDirectory(context.env, context.platform));
  const tally = new Tally(context);
  for (const name of new Set([...states.map(({ alias }) => alias), ...heldBy(status)])) {
    tally.add(name);
    if (isServed(findProfile(status, name))) await tally.attempt(name, () => client.checkin(name));
  }
  const { checkouts, failures } = await listed(context, { client, status });
  for (const { session, message } of failures) {
    const theirs = status.profiles.filter((profile) => profile.session === session);
    tally.fail(session, message, new Set(theirs.map(({ name }) => name)));
  }
  for (const row of checkouts.filter(({ live }) => live)) {
    const alias = states.find(({ transactionId }) => transactionId === row.transaction)?.alias;
    const name = alias ?? row.profile ?? labelOf(row);
    await tally.attempt(row.access === 'console' ? consoleOf(name) : name, () =>
      client.giveBack(row.session, row.transaction).then(() => true),
    );
  }
  let isSilent = true;
  for (const { name, isGiven } of tally.done()) {
    const isCleared = await clear(context, name);
    if (!isGiven && !isCleared) continue;
    isSilent = false;
    say(context, isGiven ? `Checked in ${name}` : cleared(name, isServed(findProfile(status, name))));
  }
  if (tally.failed) throw new ExitError(1, 'Not everything could be checked in. Run: credbroker checkin --all');
  if (isSilent) say(context, 'Nothing is checked out');
}

const isServed = (profile: ProfileView | null): boolean => profile !== null && profile.state !== 'unserved';

/** What is held of an upstream that counts no checkouts was checked out by nobody. */
const heldBy = ({ profiles }: StatusView): readonly string[] =>
  profiles.filter((profile) => isServed(profile) && profile.transaction !== null).map(({ name }) => name);

const labelOf = ({ path, id }: CheckoutView): string => path ?? id;

async function listed(
  context: Context,
  { client, status }: Pick<RunningDaemon, 'client' | 'status'>,
): Promise<CheckoutsView> {
  const isNeeded = status.sessions.some(({ countsCheckouts }) => countsCheckouts);
  if (!isNeeded) return { checkouts: [], failures: [] };
  const list = () => waited(context, client.checkouts(listMs));
  const first = await list();
  let signedIn = false;
  for (const session of status.sessions.filter((each) => hasExpired(each, first))) {
    if (await signInAgain(context, client, session)) signedIn = true;
  }
  return signedIn ? list() : first;
}

/** Whoever signed out, or was never there, has nothing to give back. */
const hasExpired = ({ name, expiresAt }: SessionView, { failures }: CheckoutsView): boolean =>
  expiresAt !== null && failures.some(({ session, code }) => session === name && code === 'LoginRequired');

/** What became of each name. */
class Tally {
  readonly #context: Context;
  readonly #names = new Set<string>();
  readonly #given = new Set<string>();
  readonly #failed = new Set<string>();
  failed = false;

  constructor(context: Context) {
    this.#context = context;
  }

  add(name: string): void {
    this.#names.add(name);
  }

  /** `work` resolves with whether anything was given back. */
  async attempt(name: string, work: () => Promise<boolean>): Promise<void> {
    this.#names.add(name);
    try {
      if (await waited(this.#context, work())) this.#given.add(name);
    } catch (error) {
      this.#context.signals.aborted.throwIfAborted();
      this.fail(name, messageOf(error), new Set([name]));
    }
  }

  /** `names` are those of which nothing is known now. */
  fail(what: string, why: string, names: ReadonlySet<string>): void {
    this.failed = true;
    for (const name of names) this.#failed.add(name);
    say(this.#context, `${what}: ${why}`);
  }

  done(): readonly { readonly name: string; readonly isGiven: boolean }[] {
    const names = [...this.#names].filter((name) => !this.#failed.has(name));
    return names.map((name) => ({ name, isGiven: this.#given.has(name) }));
  }
}
