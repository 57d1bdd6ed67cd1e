import type { Command } from 'commander';
import { formatDiagnostic } from '../../config/diagnostics.ts';
import type { BrokerClient } from '../client.ts';
import type { CheckoutsView } from '../core/checkout-views.ts';
import { BrokerError, messageOf } from '../core/errors.ts';
import type { SessionView, StatusView } from '../core/views.ts';
import { controlClient, type RunningDaemon } from './background.ts';
import { checkoutsText } from './checkouts-text.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { onOtherScreen } from './screen.ts';
import { serverNow } from './server-time.ts';
import { daemonText, type StatusStyle, statusText } from './status-text.ts';
import { painter, printableView } from './text.ts';

interface StatusOptions extends StartOption {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const redrawMs = 1_000;

export function addStatus(program: Command, context: Context): void {
  const command = program
    .command('status')
    .description('show sessions and profiles: state, time left, what happens next')
    .option('--json', 'for scripts')
    .option('--watch', 'show every change until "q" or Ctrl-C; with --json one line each');
  withDaemon(command).action((options: StatusOptions) => status(context, options));
  examples(command, ['credbroker status', 'credbroker status --json --watch']);
}

async function status(context: Context, options: StatusOptions): Promise<void> {
  const daemon = await daemonFor(context, options);
  const json = options.json === true;
  const onScreen = !json && context.stdout.isTTY;
  if (options.watch === true && onScreen) return watchOnScreen(context, daemon);
  if (options.watch === true) {
    return watchChanges(daemon.client, async (view) => {
      context.stdout.write(json ? `${JSON.stringify(view)}\n` : render(context, await look(context, view)));
    });
  }
  return json ? printJson(context, daemon) : print(context, daemon);
}

/** How long tenants may take: most of the status needs none of them. */
const tenantMs = 4_000;

async function printJson(context: Context, { client, status: view }: RunningDaemon): Promise<void> {
  const { checkouts, failures } = await checkoutsOf(context, client, view);
  context.stdout.write(`${JSON.stringify({ ...view, checkouts, checkoutFailures: failures }, null, 2)}\n`);
}

/** What the daemon knows is there at once; what tenants say comes below it. */
async function print(context: Context, { client, status: view }: RunningDaemon): Promise<void> {
  const { stdout } = context;
  const seen = await look(context, view);
  const own = printableView(view);
  stdout.write(statusText(own, styleOf(context, seen)));
  const asked = view.sessions.filter(isAsked);
  const told = asked.length === 0 ? null : await checkoutsOf(context, client, view);
  const style = styleOf(context, seen);
  const below = [
    ...(told === null ? [] : [checkoutsText(printableView(of(asked, told)), style)]),
    daemonText(own, style),
  ];
  stdout.write(below.map((part) => `\n${part}`).join(''));
}

/** Where nobody is signed in, the session's own line says so. */
const isAsked = ({ countsCheckouts, state, expiresAt }: SessionView): boolean =>
  countsCheckouts && state !== 'signed-out' && !(state === 'login-required' && expiresAt === null);

const of = (asked: readonly SessionView[], { checkouts, failures }: CheckoutsView): CheckoutsView => ({
  checkouts,
  failures: failures.filter(({ session }) => asked.some(({ name }) => name === session)),
});

const hasTenant = ({ sessions }: StatusView): boolean => sessions.some(({ countsCheckouts }) => countsCheckouts);

/** An answer, whatever happens. */
async function checkoutsOf(context: Context, client: BrokerClient, view: StatusView): Promise<CheckoutsView> {
  if (!hasTenant(view)) return { checkouts: [], failures: [] };
  try {
    return await client.checkouts(tenantMs);
  } catch (error) {
    context.signals.aborted.throwIfAborted();
    const code = error instanceof BrokerError ? error.code : 'Failed';
    const tenants = view.sessions.filter(({ countsCheckouts }) => countsCheckouts);
    return { checkouts: [], failures: tenants.map(({ name }) => ({ session: name, code, message: messageOf(error) })) };
  }
}

interface Seen {
  readonly view: StatusView;
  readonly at: number;
  readonly keepsLastGood: boolean;
}

async function look(context: Context, view: StatusView): Promise<Seen> {
  const at = serverNow(context, view);
  if (view.problems.length === 0) return { view, at, keepsLastGood: false };
  const { checkedConfig } = await import('./config-check.ts');
  const { refused } = await checkedConfig(context);
  return { view, at, keepsLastGood: refused.some((each) => view.problems.includes(formatDiagnostic(each))) };
}

function render(context: Context, seen: Seen): string {
  const [view, style] = [printableView(seen.view), styleOf(context, seen)];
  return `${statusText(view, style)}\n${daemonText(view, style)}`;
}

function styleOf(context: Context, { view, at: seenAt, keepsLastGood }: Seen): StatusStyle {
  const { stdout, env } = context;
  return { now: serverNow(context, view), seenAt, paint: painter(stdout, env), width: widthOf(context), keepsLastGood };
}

const widthOf = ({ stdout }: Context): number => (stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY);

/** Times run on between two changes. */
function watchOnScreen(context: Context, daemon: RunningDaemon): Promise<void> {
  const over = new AbortController();
  const aborted = AbortSignal.any([context.signals.aborted, over.signal]);
  const client = controlClient({ ...context, signals: { ...context.signals, aborted } });
  return onOtherScreen(context.stdout, async (draw) => {
    let seen = await look(context, daemon.status);
    const redraw = () => draw(render(context, seen));
    const ticking = setInterval(redraw, redrawMs);
    let keysBack = () => {};
    const quit = new Promise<void>((resolve) => {
      if (!context.interactive) return;
      keysBack = context.onKey((key) => {
        if (key === 'q') resolve();
      });
    });
    const changes = watchChanges(client, async (view) => {
      seen = await look(context, view);
      redraw();
    });
    try {
      await Promise.race([quit, changes]);
    } finally {
      over.abort();
      keysBack();
      clearInterval(ticking);
    }
  });
}

/** Never resolves; rejects when the daemon has gone. */
async function watchChanges(client: BrokerClient, show: (view: StatusView) => Promise<void>): Promise<void> {
  // Subscribed before the first look, or a change between the two would go unseen.
  const changes = await client.events();
  await show(await client.status());
  for await (const _ of changes) await show(await client.status());
  throw new BrokerError('DaemonUnreachable', 'The daemon has stopped. Run: credbroker start');
}
