/** What a person adds to a request for credentials, and what they are told while they wait. */

/** What a person says where upstream asks. */
export interface Answers {
  readonly justification: string | null;
  readonly ticketType: string | null;
  readonly ticketId: string | null;
  readonly otp: string | null;
}

export type ProgressName =
  | 'checkout.reuse'
  | 'checkout.post'
  | 'checkout.wait'
  | 'checkout.ready'
  | 'approval.requested'
  | 'approval.waiting'
  | 'approval.approved'
  | 'approval.rejected'
  | 'approval.ended'
  | 'approval.withdrawn'
  | 'mfa.required'
  /** Why the answers given are not enough, such as the form that a justification must have. */
  | 'gate.met'
  /** One for each type of ticket that opens the gate; `detail` is the type. */
  | 'ticket.type'
  | 'checkin.wait'
  /** The transaction's keys are good no more; `detail` is the transaction. */
  | 'checkin.done'
  | 'checkin.failed';

export interface ProgressEvent {
  readonly event: ProgressName;
  /** For people, null where the name says it all. */
  readonly detail: string | null;
}

/** What a person asked for, who waits and can be told. */
export interface Wish {
  /** New credentials even where that ends a checkout that others use. */
  readonly force: boolean;
  readonly answers: Answers;
  readonly progress: (event: ProgressEvent) => void;
}
