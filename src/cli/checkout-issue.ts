/** One checkout for a person, from a sign-in that is needed through every gate. */
import { statePaths } from '../../config/paths.ts';
import type { BrokerClient } from '../client.ts';
import type { IssueBody, IssuedView } from '../core/checkout-views.ts';
import type { LeaseStateName, ProfileView, StatusView } from '../core/views.ts';
import { controlClient } from './background.ts';
import { throughGates } from './checkout-gates.ts';
import { openReport, type Report } from './checkout-progress.ts';
import type { Context } from './context.ts';
import { firstCredentials } from './first-credentials.ts';

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
  const { socket } = statePaths(context.env, context.platform);
  const { profile, body } = wanted;
  const { name } = profile;
  let { status } = wanted;
  return throughGates(context, { profile: name, answers: body.answers }, async (answers, hear) => {
    // A person has typed since.
    if (answers !== body.answers) status = await controlClient(context).status();
    const fetch = (client: BrokerClient, moves: () => void) =>
      reported(context, (report) =>
        client.issue(name, { ...body, answers }, (event) => {
          moves();
          report(event);
          hear(event);
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
