/** What a checkout may be asked for, given as flags. Wrong ones are refused before anything is sent. */
import type { Command } from 'commander';
import type { Answers } from '../core/wish.ts';
import { usage } from './exit.ts';

export interface AnswerFlags {
  readonly justification?: string;
  readonly ticketType?: string;
  readonly ticketId?: string;
  readonly otp?: string;
}

/** Britive's own bound. */
const longestJustification = 255;

export const withAnswers = (command: Command): Command =>
  command
    .option('-j, --justification <text>', `why you need it, in at most ${longestJustification} characters`)
    .option('--ticket-type <type>', 'the type of the ticket that allows it')
    .option('--ticket-id <id>', 'the ticket that allows it')
    .option('--otp <code>', 'one-time password, which other programs can see here; left out, it is asked for unseen');

/** Throws a wrong use. */
export function answersOf(flags: AnswerFlags): Answers {
  for (const [name, value] of Object.entries(named(flags))) {
    if (value?.trim() === '') throw usage(`--${name} is empty. Run: credbroker checkout --help`);
  }
  const { justification = null, ticketType = null, ticketId = null, otp = null } = flags;
  const problem = justification === null ? null : justificationProblem(justification);
  if (problem !== null) throw usage(problem);
  if ((ticketType === null) !== (ticketId === null)) throw usage('--ticket-type and --ticket-id go together');
  return { justification, ticketType, ticketId, otp: otp === null ? null : otpOf(otp) };
}

/** Authenticators show it in groups. */
export const otpOf = (typed: string): string => typed.replaceAll(/\s/g, '');

const named = ({ justification, ticketType, ticketId, otp }: AnswerFlags) => ({
  justification,
  'ticket-type': ticketType,
  'ticket-id': ticketId,
  otp,
});

/** Null where there is nothing against it. */
export const justificationProblem = ({ length }: string): string | null =>
  length <= longestJustification
    ? null
    : `A justification has at most ${longestJustification} characters, and this one ${length}`;
