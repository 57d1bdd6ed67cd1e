/** Tickets of the system that a profile is bound to: searched, and judged one by one. */
import { json } from '../call.ts';
import { accessOf } from './attempt.ts';
import type { TicketRule } from './catalogue.ts';
import { refusal } from './errors.ts';
import type { TenantKnobs } from './knobs.ts';
import type { Reaction, TenantRequest } from './request.ts';

export const searchTickets =
  ({ knobs }: { readonly knobs: TenantKnobs }): Reaction =>
  (request) => {
    const wanted = (request.call.query.get('searchText') ?? '').toLowerCase();
    const ids = ruleOf(knobs, request).ids.filter((id) => id.toLowerCase().includes(wanted));
    const tickets = ids.map((id) => ({ id, summary: `Ticket ${id}` }));
    return json(200, { totalCount: tickets.length, maxResults: 50, tickets });
  };

export const validateTicket =
  ({ knobs }: { readonly knobs: TenantKnobs }): Reaction =>
  (request) => {
    const id = request.params['ticketId'] ?? '';
    const success = ruleOf(knobs, request).ids.includes(id);
    const ticketDetails = success ? { id, summary: `Ticket ${id}` } : null;
    return json(200, { success, message: success ? 'Valid ticket' : 'The ticket was not found', ticketDetails });
  };

function ruleOf(knobs: TenantKnobs, request: TenantRequest): TicketRule {
  const { ticket } = accessOf(knobs, request).profile;
  const isKnown = ticket?.types.includes(request.params['ticketType'] ?? '') ?? false;
  if (ticket === null || !isKnown) throw refusal(404, 'E1002', 'The profile has no such ticket type');
  return ticket;
}
