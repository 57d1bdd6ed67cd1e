/**
 * Takes a checkout through what upstream asks a person: why, by which ticket, with which one-time password. Each answer
 * goes with a new attempt, and those before it go with it. Where nobody sits at a keyboard the first question ends it.
 */
import type { IssueProgress } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import type { Answers } from '../core/wish.ts';
import { justificationProblem, otpOf } from './checkout-answers.ts';
import type { Context } from './context.ts';
import { typedUnseen } from './read-token.ts';
import { shellWord } from './shell-text.ts';
import { printable, say } from './text.ts';

/** Asks the daemon, with what has been answered so far. */
type Attempt<T> = (answers: Answers, hear: (event: IssueProgress) => void) => Promise<T>;

interface Approach {
  readonly profile: string;
  readonly answers: Answers;
}

interface Gate {
  /** What goes on the command line for it. */
  readonly flags: string;
  /** What is missing where nothing is typed. */
  readonly noun: string;
  /** How many answers of its kind are tried. */
  readonly tries: number;
  readonly isAnswered: (answers: Answers) => boolean;
  /** Null when nothing was typed. `types` are those of the ticket, as far as upstream names them. */
  readonly ask: (context: Context, types: readonly string[]) => Promise<Partial<Answers> | null>;
}

const justified = {
  flags: '--justification "…"',
  noun: 'justification',
  isAnswered: ({ justification }: Answers) => justification !== null,
  ask: askJustification,
};

const gates = {
  JustificationRequired: { ...justified, tries: 3 },
  // Somebody was asked with it: the same question once more would not make them answer.
  ApprovalRequired: { ...justified, tries: 1 },
  TicketRequired: {
    flags: '--ticket-type … --ticket-id …',
    noun: 'ticket',
    tries: 3,
    isAnswered: ({ ticketId }) => ticketId !== null,
    ask: askTicket,
  },
  OtpRequired: {
    flags: '--otp …',
    noun: 'one-time password',
    tries: 3,
    isAnswered: ({ otp }) => otp !== null,
    ask: askOtp,
  },
} as const satisfies Readonly<Record<string, Gate>>;

type GateCode = keyof typeof gates;

const isGateCode = (code: string): code is GateCode => Object.hasOwn(gates, code);

/** Rejects with the gate that stays shut, and with whatever else the attempt rejects with. */
export async function throughGates<T>(context: Context, approach: Approach, attempt: Attempt<T>): Promise<T> {
  const refusals = new Map<GateCode, number>();
  let { answers } = approach;
  for (;;) {
    const heard = new Map<IssueProgress['name'], readonly string[]>();
    try {
      return await attempt(answers, ({ name, detail }) =>
        heard.set(name, [...(heard.get(name) ?? []), ...(detail === null ? [] : [detail])]),
      );
    } catch (error) {
      if (!(error instanceof BrokerError) || !isGateCode(error.code)) throw error;
      const { code } = error;
      const refused = (refusals.get(code) ?? 0) + (gates[code].isAnswered(answers) ? 1 : 0);
      refusals.set(code, refused);
      const types = heard.get('ticket.type') ?? [];
      const met = {
        code,
        profile: approach.profile,
        words: wordsOf(heard.get('gate.met')?.at(-1) ?? error.message),
        types,
      };
      if (!context.interactive || refused >= gates[code].tries) throw shut(met, `${met.words}${ofTypes(types)}`);
      // A one-time password is spent by the attempt that needed it, whatever came after.
      const kept = heard.has('mfa.required') ? { ...answers, otp: null } : answers;
      answers = { ...kept, ...(await answered(context, met)) };
    }
  }
}

interface Met {
  readonly code: GateCode;
  readonly profile: string;
  readonly words: string;
  /** Those of a ticket, empty where they are not known. */
  readonly types: readonly string[];
}

const ofTypes = (types: readonly string[]): string => (types.length === 0 ? '' : `, of type ${types.join(' or ')}`);

/** Upstream's own number for it helps nobody who is asked. */
const withoutNumber = (words: string): string => words.replace(/ \([A-Z]+-\d+\)/, '');

async function answered(context: Context, met: Met): Promise<Partial<Answers>> {
  const { noun, ask } = gates[met.code];
  say(context, withoutNumber(met.words));
  const answer = await ask(context, met.types);
  if (answer === null) throw shut(met, `No ${noun} was given`);
  return answer;
}

const shut = ({ code, profile }: Met, why: string): BrokerError =>
  new BrokerError(code, `${why}. Run: credbroker checkout ${shellWord(profile)} ${gates[code].flags}`);

/** Without the advice at its end: who reads it here runs that already. */
const wordsOf = (sentence: string): string => {
  const words = sentence.replace(/\. Run: .*$/s, '');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

async function askJustification(context: Context): Promise<Partial<Answers> | null> {
  for (;;) {
    const justification = await typed(context, 'Justification: ');
    if (justification === null) return null;
    const problem = justificationProblem(justification);
    if (problem === null) return { justification };
    say(context, problem);
  }
}

/** Of one type there is nothing to choose. */
async function askTicket(context: Context, types: readonly string[]): Promise<Partial<Answers> | null> {
  const [only, ...others] = types;
  const isChosen = only !== undefined && others.length === 0;
  const choice = types.length === 0 ? '' : ` (${types.join(' or ')})`;
  const ticketType = isChosen ? only : await typed(context, `Ticket type${choice}: `);
  const ticketId = ticketType === null ? null : await typed(context, isChosen ? `Ticket${choice}: ` : 'Ticket: ');
  return ticketId === null ? null : { ticketType, ticketId };
}

async function askOtp(context: Context): Promise<Partial<Answers> | null> {
  const otp = otpOf(await typedUnseen(context, 'One-time password (not shown): '));
  return otp === '' ? null : { otp };
}

const typed = async (context: Context, question: string): Promise<string | null> =>
  (await context.ask(printable(question))).trim() || null;
