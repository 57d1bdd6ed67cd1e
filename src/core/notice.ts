/** What a person should hear of without asking. */
export type NoticeKind =
  /** The session ends at a known time and cannot be refreshed. */
  | 'session-ending'
  /** Programs wait, or soon will, for a sign-in that has not been opened or that nobody finished. */
  | 'sign-in-needed'
  /** A program met a gate that takes a person: a justification, a ticket, an approval, a one-time password. */
  | 'gate-met'
  /** New tokens could not be stored; they live in memory alone. */
  | 'not-stored';

export interface Notice {
  readonly kind: NoticeKind;
  readonly session: string;
  /** One sentence that ends with what to do. */
  readonly message: string;
}
