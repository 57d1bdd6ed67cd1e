/** What a checkout is refused for, and what opens the way again. A program meets a gate and is told what a person can run. */
import { wait } from '../wait.ts';
import type { CheckoutInput, CheckoutSettings } from './access.ts';
import { parseSettings, requestSettings } from './access.ts';
import { stopped } from './ask.ts';
import type { Refused } from './errors.ts';
import { denied } from './errors.ts';
import type { Operation, State } from './operation.ts';
import { done, failed, tell } from './operation.ts';
import type { Verdict, Wish } from './types.ts';

type GateWhy = 'needs-justification' | 'needs-ticket' | 'needs-approval' | 'needs-otp';

type Op = Operation<unknown>;

const raceMs = 1_000;
const raceRounds = 2;

export const gate = async (op: Op, refused: Refused): Promise<State<never>> => {
  const justSteppedUp = op.memory.steppedUp;
  op.memory.steppedUp = false;
  switch (refused.class) {
    case 'step-up':
      tell(op, 'mfa.required');
      return justSteppedUp ? done(alwaysAsked) : { at: 'stepping-up' };
    case 'justification':
    case 'ticket':
      return inputMissing(op, refused);
    case 'approval-text':
    case 'approval':
      return approvalNeeded(op, refused);
    case 'approval-pending':
      return op.wish === null ? needsApproval(op, refused) : { at: 'resuming-approval', isOurs: false };
    case 'already-out':
      return lostRace(op, refused);
    default:
      return failed(op, refused);
  }
};

const alwaysAsked = denied('forbidden', 'its policy asks for a one-time password again right after one was accepted');

/** Somebody checked out between our look and our call: theirs is ours, too. */
const lostRace = async (op: Op, refused: Refused): Promise<State<never>> => {
  if (!op.memory.allows('race', raceRounds)) return failed(op, refused);
  return (await wait(op.call.connection.dependencies, raceMs, op.call.signal)) ? { at: 'checking' } : done(stopped);
};

/** What was said when it was approved is said again; beyond that a person has to say it. */
const inputMissing = async (op: Op, refused: Refused): Promise<State<never>> => {
  const parsed = parseSettings(await requestSettings(op.call, op.key));
  const settings = parsed.type === 'ok' ? parsed.value : null;
  const known = settings === null ? op.memory.input : completed(op.memory.input, settings.approved);
  if (!sameInput(known, op.memory.input)) {
    op.memory.input = known;
    return { at: 'posting' };
  }
  return done(
    refused.class === 'ticket' ? needsTicket(op, refused, settings) : needsJustification(op, refused, settings),
  );
};

const completed = (own: CheckoutInput, approved: CheckoutInput): CheckoutInput => {
  const ticket = own.ticketType === null && own.ticketId === null ? approved : own;
  return {
    justification: own.justification ?? approved.justification,
    ticketType: ticket.ticketType,
    ticketId: ticket.ticketId,
  };
};

const sameInput = (one: CheckoutInput, other: CheckoutInput): boolean =>
  one.justification === other.justification && one.ticketType === other.ticketType && one.ticketId === other.ticketId;

const needsJustification = (op: Op, { detail }: Refused, settings: CheckoutSettings | null) => {
  const form = settings?.justificationRegex ? `, of the form ${settings.justificationRegex}` : '';
  return needs(op, 'needs-justification', `${detail}${form}`);
};

const needsTicket = (op: Op, { detail }: Refused, settings: CheckoutSettings | null) => {
  const types = settings?.ticketTypes ?? [];
  for (const type of types) tell(op, 'ticket.type', type);
  tell(op, 'gate.met', detail);
  return denied('needs-ticket', types.length > 0 ? `${detail}, of type ${types.join(' or ')}` : detail);
};

const approvalNeeded = (op: Op, refused: Refused): State<never> => {
  if (op.wish === null) return needsApproval(op, refused);
  if (op.memory.input.justification === null) return done(needsJustification(op, refused, null));
  // Approved, and yet asked for again: another round would end where this one did.
  return op.memory.allows('approval') ? { at: 'requesting-approval' } : failed(op, refused);
};

const needsApproval = (op: Op, { detail }: Refused): State<never> => done(needs(op, 'needs-approval', detail));

/** Whoever can be asked hears why their answers are not enough. */
export const needs = (op: Pick<Op, 'wish'>, why: GateWhy, detail: string): Verdict<never> => {
  tell(op, 'gate.met', detail);
  return denied(why, detail);
};

const longestJustification = 255;

/** Refused here, without asking the tenant. Null where there is nothing against it. */
export const inputProblem = (wish: Wish): Verdict<never> | null => {
  const { justification, ticketType, ticketId } = wish.answers;
  if (justification !== null && justification.length > longestJustification) {
    return needs({ wish }, 'needs-justification', `a justification has at most ${longestJustification} characters`);
  }
  if ((ticketType === null) !== (ticketId === null))
    return needs({ wish }, 'needs-ticket', 'a ticket needs its type and its id');
  return null;
};
