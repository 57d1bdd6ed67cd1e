/** What tenants say is checked out, as a person reads it. */
import type { CheckoutsView, CheckoutView } from '../core/checkout-views.ts';
import { indented } from './sections.ts';
import { fittedColumns, type Paint } from './text.ts';
import { isoSeconds, remaining } from './time.ts';

interface Style {
  readonly now: number;
  readonly paint: Paint;
  /** Of the terminal; a file has no end. */
  readonly width: number;
}

const head = ['PROFILE', 'STATUS', 'EXPIRES', 'REMAINING'];

/** Says why some could not be asked, and does not say that there is nothing where that is not known. */
export function checkoutsText({ checkouts, failures }: CheckoutsView, { now, paint, width }: Style): string {
  const rows = checkouts.map((checkout) => cells(checkout, now));
  const lines = rows.length === 0 ? [] : fittedColumns([head, ...rows], { width, spare: [2] });
  const told = failures.flatMap(({ session, message }) =>
    indented(`Session "${session}" could not be asked: ${message}`, { width, by: 0, rest: 2 }),
  );
  const none = rows.length === 0 && failures.length === 0 ? ['No active checkouts'] : [];
  const [first = '', ...others] = [...lines, ...none, ...told];
  return `${[lines.length === 0 ? first : paint('bold', first), ...others].join('\n')}\n`;
}

const cells = (checkout: CheckoutView, now: number): readonly string[] => {
  const { profile, path, id, access, status, expiresAt } = checkout;
  const name = profile ?? path ?? id;
  const end = expiresAt === null ? Number.NaN : Date.parse(expiresAt);
  const known = expiresAt !== null && !Number.isNaN(end);
  return [
    access === 'console' ? `${name} (console)` : name,
    status,
    known ? isoSeconds(end) : '?',
    known ? (end > now ? remaining(expiresAt, now) : 'expired') : '?',
  ];
};
