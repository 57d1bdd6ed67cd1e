/** One checkout for a person, from a sign-in that is needed through every gate. */
import { statePaths } from '../../config/paths.ts';
import type { BrokerClient } from '../client.ts';
import type { IssueBody, IssuedView } from '../core/checkout-views.ts';
import { BrokerError } from '../core/errors.ts';
import type { LeaseStateName, ProfileView, StatusView } from '../core/views.ts';
import { controlClient } from './background.ts';
import { throughGates } from './checkout-gates.ts';
import { openReport, type Report } from './checkout-progress.ts';
import type { Context } from './context.ts';
import { firstCredentials, type Moves } from './first-credentials.ts';
import { forget } from './give-back.ts';

export interface Issue {
  /** As the daemon saw things just now. */
  readonly status: StatusView;
  readonly profile: ProfileView;
  readonly body: IssueBody;
}

const pollMs = 1_000;
/** The daemon answers from memory. */
const heldStates: ReadonlySet<LeaseStateName> = new Set(['fresh', 'due']);

/** Rejects with what the daemon says, or with the gate that stayed shut. */
export async function issue(context: Context, wanted: Issue): Promise<IssuedView> {
  const { profile, body } = wanted;
  let forgotten = Promise.resolve();
  try {
    return await issueHeard(context, wanted, (event) => {
      if (event.name === 'checkin.wait' && body.as !== 'console') forgotten = forget(context, profile.name);
    });
  } catch (error) {
    throw isGone(error) ? onceMore(error) : error;
  } finally {
    await forgotten;
  }
}

const isGone = (error: unknown): boolean => error instanceof BrokerError && error.code === 'DaemonUnreachable';

/** The daemon was there a moment ago, and a checkout starts it. */
const onceMore = (cause: unknown): BrokerError =>
  new BrokerError('DaemonUnreachable', 'The daemon stopped meanwhile. Run the same checkout again', { cause });

function issueHeard(context: Context, wanted: Issue, hearToo: Report['hear']): Promise<IssuedView> {
  const { socket } = statePaths(context.env, context.platform);
  const { profile, body } = wanted;
  const { name } = profile;
  let { status } = wanted;
  return throughGates(context, { profile: name, answers: body.answers }, async (answers, hear) => {
    // A person has typed since.
    if (answers !== body.answers) status = await controlClient(context).status();
    const fetch = (client: BrokerClient, moves: Moves) =>
      reported(context, (report) =>
        client.issue(name, { ...body, answers }, (event) => {
          moves(event.name === 'approval.waiting');
          for (const each of [hearToo, report, hear]) each(event);
        }),
      );
    const signsInFirst = body.force || body.as !== 'credentials' || !heldStates.has(profile.state);
    return firstCredentials(context, { profile: name, fetch, signsInFirst, socket, status, pollMs });
  });
}

async function reported<T>(context: Context, ask: (report: Report['hear']) => Promise<T>): Promise<T> {
  const { hear, end } = openReport(context);
  return ask(hear).finally(end);
}
