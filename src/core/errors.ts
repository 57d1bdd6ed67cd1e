/**
 * Every failure a person or a client can meet. 4xx: somebody must act. 5xx: asking again may help.
 * `data` is the status on the data plane, where 404 and 429 are never used: Java rewrites the one, several SDKs sleep
 * on the other. `control` is the ordinary REST status; `exit` is the command's.
 */
const kinds = {
  ConfigInvalid: { data: 400, control: 422, exit: 2 },
  BadRequest: { data: 400, control: 400, exit: 2 },
  ProfileNotFound: { data: 400, control: 404, exit: 2 },
  SessionNotFound: { data: 400, control: 404, exit: 2 },
  NotFound: { data: 400, control: 404, exit: 2 },
  Unauthorized: { data: 403, control: 401, exit: 4 },
  Forbidden: { data: 403, control: 403, exit: 4 },
  LoginRequired: { data: 403, control: 403, exit: 3 },
  LoginDeclined: { data: 403, control: 403, exit: 3 },
  AccessDenied: { data: 403, control: 403, exit: 4 },
  /** A gate that a person opens: `credbroker checkout` asks for what is missing. */
  JustificationRequired: { data: 403, control: 403, exit: 4 },
  TicketRequired: { data: 403, control: 403, exit: 4 },
  ApprovalRequired: { data: 403, control: 403, exit: 4 },
  OtpRequired: { data: 403, control: 403, exit: 4 },
  Renewing: { data: 503, control: 503, exit: 5 },
  LoginPending: { data: 503, control: 503, exit: 3 },
  UpstreamUnavailable: { data: 503, control: 503, exit: 5 },
  UpstreamMalformed: { data: 503, control: 502, exit: 5 },
  KeychainUnavailable: { data: 503, control: 503, exit: 5 },
  Overloaded: { data: 503, control: 503, exit: 5 },
  DaemonUnreachable: { data: 503, control: 503, exit: 6 },
  PortInUse: { data: 500, control: 500, exit: 1 },
  AlreadyRunning: { data: 500, control: 409, exit: 1 },
  Failed: { data: 500, control: 500, exit: 1 },
  InternalError: { data: 500, control: 500, exit: 1 },
} as const;

export type ErrorCode = keyof typeof kinds;

/** The message is one sentence without a full stop that ends with the next step if there is one. It never holds a secret. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }

  get status(): (typeof kinds)[ErrorCode]['data'] {
    return kinds[this.code].data;
  }

  get controlStatus(): (typeof kinds)[ErrorCode]['control'] {
    return kinds[this.code].control;
  }

  get exitStatus(): (typeof kinds)[ErrorCode]['exit'] {
    return kinds[this.code].exit;
  }
}

/** Narrows what the wire sent to a code of ours. */
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(kinds, value);

/** Words for the user about whatever was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
