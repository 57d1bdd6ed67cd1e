/** Takes a person through one sign-in, as `login` and `exec` do. */
import { openBrowser } from '../adapters/browser.ts';
import type { BrokerClient } from '../client.ts';
import { refusalOf } from '../control-wire.ts';
import type { LoginEvent, SessionView } from '../core/views.ts';
import type { Context } from './context.ts';
import { type LoginStyle, loginStyle } from './login-style.ts';
import { openProgress, type Progress } from './progress.ts';
import { say } from './text.ts';
import { duration, remaining, remainingAtMost } from './time.ts';

export interface SignIn {
  readonly client: BrokerClient;
  readonly session: string;
  readonly style: LoginStyle;
  /** One that somebody made before, null for a person who signs in. */
  readonly token: string | null;
}

/** Before a command goes on that needs it. False where nobody can be asked, and the daemon's sentence has to do. */
export async function signInAgain(context: Context, client: BrokerClient, session: SessionView): Promise<boolean> {
  // No browser renews a token that somebody made.
  if (!context.interactive || session.window.heldBack === 'by-token') return false;
  if (session.expiresAt !== null) say(context, 'Session expired -- re-authenticating...');
  await signIn(context, { client, session: session.name, style: loginStyle({ browser: true }, context), token: null });
  return true;
}

/** Resolves once signed in. Rejects with what the daemon says, or when interrupted. */
export async function signIn(context: Context, { client, session, style, token }: SignIn): Promise<void> {
  const progress = openProgress(context);
  const startedAt = context.now();
  progress.show(`Asking for a sign-in to "${session}"`);
  const ticking = waiting(context, () =>
    progress.show(`Waiting for the sign-in, ${duration(context.now() - startedAt)}`),
  );
  try {
    for await (const event of client.login(session, { flow: style.flow, openBrowser: false, token })) {
      report(await shown(event, style, context), progress, context);
    }
  } finally {
    clearInterval(ticking);
    progress.end();
  }
}

/** The event once its page is open, where that could be done here. The daemon may have opened it before we came. */
async function shown(event: LoginEvent, { opens }: LoginStyle, context: Context): Promise<LoginEvent> {
  if (event.event !== 'prompt' || event.kind !== 'browser' || event.opened || !opens) return event;
  return { ...event, opened: await openBrowser(event.url, context) };
}

const openedAlready = 'Opened the sign-in page in your browser. If it did not appear, open:';

function report(event: LoginEvent, progress: Progress, context: Context): void {
  if (event.event === 'failed') throw refusalOf(event);
  if (event.event === 'done') {
    progress.end();
    const left = event.expiresAt === null ? '' : `, ${remaining(event.expiresAt, context.now())} remaining`;
    progress.say(`Signed in to "${event.session}"${left}`);
    return;
  }
  for (const line of instructions(event, context)) progress.say(line);
  progress.show('Waiting for the sign-in');
}

type Prompt = Extract<LoginEvent, { readonly event: 'prompt' }>;

function instructions(prompt: Prompt, context: Context): string[] {
  if (prompt.kind === 'browser') {
    return prompt.opened ? [openedAlready, `  ${prompt.url}`] : ['Open this page to sign in:', `  ${prompt.url}`];
  }
  const page = prompt.verificationUriComplete ?? prompt.verificationUri;
  return [
    prompt.opened ? openedAlready : 'Open this page on any device:',
    `  ${page}`,
    `and confirm the code ${prompt.userCode}, valid for ${remainingAtMost(prompt.expiresAt, context.now())}`,
  ];
}

/** Time passes visibly on a terminal; a log needs no second-by-second report. */
function waiting(context: Context, tick: () => void): NodeJS.Timeout | undefined {
  return context.stderr.isTTY ? setInterval(tick, 1000) : undefined;
}
