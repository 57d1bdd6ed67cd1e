/** One HTTP exchange, free of the framework: handlers are functions from a `Call` to an `Answer`. */

export interface Call {
  readonly method: string;
  /** As sent, still percent-encoded, without the query: signatures cover it. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  /** Lower-case names; repeated headers are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The region of the endpoint that was called. */
  readonly region: string;
  readonly requestId: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Handler = (call: Call) => Answer;

/** Thrown by a handler; `render` makes the service's own error answer. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly render: (requestId: string) => Answer;

  constructor(message: string, render: (requestId: string) => Answer) {
    super(message);
    this.render = render;
  }
}

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export const seeOther = (location: string): Answer => ({ status: 303, headers: { location }, body: '' });
