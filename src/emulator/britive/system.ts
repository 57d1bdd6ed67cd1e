/** What the tenant says about itself. */
import { type Answer, type Handler, json } from '../call.ts';
import { refusal } from './errors.ts';
import type { TenantKnobs } from './knobs.ts';
import type { Reaction } from './request.ts';

interface SystemParts {
  readonly knobs: TenantKnobs;
}

const empty: Answer = { status: 200, headers: {}, body: '' };

/** For everybody, as the only thing but signing in. */
export const health =
  ({ knobs }: SystemParts): Handler =>
  () => {
    if (knobs.maintenance !== null) throw refusal(503, 'MAINT0001', knobs.maintenance);
    return json(200, { status: 'UP' });
  };

export const features =
  ({ knobs }: SystemParts): Reaction =>
  () =>
    json(200, knobs.features);

export const banner =
  ({ knobs }: SystemParts): Reaction =>
  () =>
    knobs.banner === null ? empty : json(200, knobs.banner);
