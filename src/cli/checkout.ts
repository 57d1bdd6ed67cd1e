/** Credentials now: into the AWS credentials file, where they are not asked for again while they are fresh, or printed. */
import { type Command, Option } from 'commander';
import type { IssueBody } from '../core/checkout-views.ts';
import { BrokerError } from '../core/errors.ts';
import type { ProfileView, StatusView } from '../core/views.ts';
import { applicationKeysOf, noAwsCredentials, renderApplication } from './application-output.ts';
import { controlClient } from './background.ts';
import { type AnswerFlags, answersOf, withAnswers } from './checkout-answers.ts';
import { issue } from './checkout-issue.ts';
import { isHeld, keep, refuseOverwriting } from './checkout-keep.ts';
import { awsCheckoutOf, awsCheckoutOfPayload, type OutputFormat, renderCheckout } from './checkout-output.ts';
import { checkoutConsole } from './checkout-page.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { findProfile } from './endpoint.ts';
import { usage } from './exit.ts';
import { findServed } from './served-profile.ts';

const outputs = ['awscreds', 'env', 'process', 'json', 'powershell', 'fish'] as const satisfies readonly (
  | 'awscreds'
  | OutputFormat
)[];

type Output = (typeof outputs)[number];

interface CheckoutOptions extends AnswerFlags, StartOption {
  readonly output: Output;
  readonly force?: boolean;
  readonly console?: boolean;
  readonly printUrl?: boolean;
}

export function addCheckout(program: Command, context: Context): void {
  const command = program
    .command('checkout')
    .description("write a profile's credentials to the AWS credentials file, or print them")
    .argument('<profile>')
    .addOption(
      new Option('-o, --output <format>', 'where to, or in what form to print them')
        .choices(outputs)
        .default('awscreds'),
    )
    .option('-f, --force', 'ask upstream for new ones, even where that ends keys that others use')
    .addOption(new Option('--console', 'open the console in the browser').conflicts(['output', 'force']))
    .option('--print-url', "with --console: print the page's address, which lets anybody in, and open nothing");
  withDaemon(withAnswers(command)).action((profile: string, options: CheckoutOptions) =>
    checkout(context, profile, options),
  );
  examples(command, [
    'credbroker checkout dev',
    'eval "$(credbroker checkout dev -o env)"',
    'credbroker checkout prod --justification "OPS-12"',
    'credbroker checkout prod --console',
  ]);
}

/** What is asked for, and of what. */
interface Request {
  readonly status: StatusView;
  readonly profile: ProfileView;
  readonly body: Omit<IssueBody, 'as'>;
}

async function checkout(context: Context, name: string, options: CheckoutOptions): Promise<void> {
  const { output, force = false, console: isConsole = false, printUrl = false } = options;
  const answers = answersOf(options);
  if (printUrl && !isConsole) throw usage('--print-url is for --console alone. Run: credbroker checkout --help');
  const found = await findServed(context, await daemonFor(context, options), name);
  const request = { ...found, body: { force, answers } };
  if (isConsole) return checkoutConsole(context, { ...request, body: { ...request.body, as: 'console' } }, printUrl);
  return needsAws(output) ? checkoutAws(context, request, output) : print(context, request, output);
}

const needsAws = (output: Output): output is 'awscreds' | 'process' => output === 'awscreds' || output === 'process';

async function checkoutAws(context: Context, request: Request, output: 'awscreds' | 'process'): Promise<void> {
  const { status, profile, body } = request;
  refuseOther(profile, output);
  if (output === 'awscreds') {
    if (!body.force && (await isHeld(context, status, profile))) return;
    await refuseOverwriting(context, profile);
  }
  const { document, transaction } = await issue(context, { ...request, body: { ...body, as: 'credentials' } }).catch(
    (error: unknown) => explained(context, { profile, output, error }),
  );
  const found = awsCheckoutOf(document, profile.region);
  if (output === 'awscreds') return keep(context, { status, profile, found, transaction });
  context.stdout.write(renderCheckout(output, found, context.env));
}

const refuseOther = ({ name, kind }: ProfileView, output: Output): void => {
  if (kind !== null && kind !== 'aws') throw noAwsCredentials(name, output);
};

interface Failed {
  readonly profile: ProfileView;
  readonly output: Output;
  readonly error: unknown;
}

/** Which application it is may be known only since the daemon looked. */
async function explained(context: Context, { profile, output, error }: Failed): Promise<never> {
  if (profile.kind === null && error instanceof BrokerError && error.code === 'AccessDenied') {
    refuseOther(findProfile(await controlClient(context).status(), profile.name) ?? profile, output);
  }
  throw error;
}

const isOfTenant = ({ sessions }: StatusView, { session }: ProfileView): boolean =>
  sessions.some(({ name, countsCheckouts }) => name === session && countsCheckouts);

/** In one request, though nobody may know yet what it yields: a second one could be a second checkout. */
async function print(context: Context, request: Request, output: Exclude<OutputFormat, 'process'>): Promise<void> {
  const { status, profile, body } = request;
  const isAws = profile.kind === 'aws' || (profile.kind === null && !isOfTenant(status, profile));
  const issued = await issue(context, { ...request, body: { ...body, as: isAws ? 'credentials' : 'payload' } });
  const aws = (): string => {
    const found = isAws ? awsCheckoutOf(issued.document, profile.region) : awsCheckoutOfPayload(issued, profile.region);
    return renderCheckout(output, found, context.env);
  };
  const isAwsAfterAll = isAws || issued.document['kind'] === 'aws';
  context.stdout.write(
    isAwsAfterAll ? aws() : renderApplication(output, applicationKeysOf(profile.name, issued.document)),
  );
}
