/** Takes a person through one sign-in, as `login` and `exec` do. */
import type { BrokerClient } from '../client.ts';
import type { LoginBody, LoginEvent } from '../core/views.ts';
import { streamFailure } from './command.ts';
import type { Context } from './context.ts';
import { openProgress, type Progress } from './progress.ts';
import { duration, remaining } from './time.ts';

export interface SignIn {
  readonly client: BrokerClient;
  readonly session: string;
  readonly body: LoginBody;
}

/** Resolves once signed in. Rejects with what the daemon says, or when interrupted. */
export async function signIn(context: Context, { client, session, body }: SignIn): Promise<void> {
  const progress = openProgress(context);
  const startedAt = context.now();
  progress.show(`Asking for a sign-in to "${session}"`);
  const ticking = waiting(context, () =>
    progress.show(`Waiting for the sign-in, ${duration(context.now() - startedAt)}`),
  );
  try {
    for await (const event of client.login(session, body)) report(event, progress, context);
  } finally {
    clearInterval(ticking);
    progress.end();
  }
}

function report(event: LoginEvent, progress: Progress, context: Context): void {
  if (event.event === 'failed') throw streamFailure(event);
  if (event.event === 'done') {
    progress.end();
    progress.say(`Signed in to "${event.session}", ${remaining(event.expiresAt, context.now())} remaining`);
    return;
  }
  for (const line of instructions(event, context)) progress.say(line);
  progress.show('Waiting for the sign-in');
}

type Prompt = Extract<LoginEvent, { readonly event: 'prompt' }>;

function instructions(prompt: Prompt, context: Context): string[] {
  if (prompt.kind === 'browser') {
    return prompt.opened
      ? ['Your browser shows the sign-in page. If it does not, open:', `  ${prompt.url}`]
      : ['Open this page to sign in:', `  ${prompt.url}`];
  }
  const page = prompt.verificationUriComplete ?? prompt.verificationUri;
  return [
    prompt.opened ? 'Your browser shows the sign-in page. If it does not, open:' : 'Open this page on any device:',
    `  ${page}`,
    `and confirm the code ${prompt.userCode}, valid for ${remaining(prompt.expiresAt, context.now())}`,
  ];
}

/** Time passes visibly on a terminal; a log needs no second-by-second report. */
function waiting(context: Context, tick: () => void): NodeJS.Timeout | undefined {
  return context.stderr.isTTY ? setInterval(tick, 1000) : undefined;
}
