/** `GET /api/access` and the lists below it, for people with more accesses than one answer should hold. */
import { type Answer, type Call, json } from '../call.ts';
import { named, nestedShape, normalisedShape, pagedRow, unique } from './access-shapes.ts';
import type { Approvals } from './approvals.ts';
import { type Access, type AccessType, entitledAccesses } from './catalogue.ts';
import type { Checkouts } from './checkouts.ts';
import { refusal } from './errors.ts';
import { containing, matching } from './filters.ts';
import type { TenantKnobs } from './knobs.ts';
import { phaseOf } from './progress.ts';
import type { Reaction, TenantRequest } from './request.ts';
import { timestamp } from './timestamps.ts';

export interface ListParts {
  readonly knobs: TenantKnobs;
  readonly approvals: Approvals;
  readonly checkouts: Checkouts;
}

export const listAccess =
  (parts: ListParts): Reaction =>
  (request) => {
    const { call } = request;
    const found = entitledAccesses(parts.knobs.applications)
      .filter(matching(call.query.get('filter')))
      .filter(containing(call.query.get('search') ?? call.query.get('searchText')));
    switch (parts.knobs.accessShape === 'asked' ? shapeFor(call) : parts.knobs.accessShape) {
      case 'A':
        return json(200, nestedShape(found));
      case 'B':
        return json(200, normalisedShape(found, numberOf(call, 'size') ?? parts.knobs.truncateAt ?? found.length * 2));
      case 'C':
        return paged(parts, request, found);
    }
  };

function shapeFor({ query }: Call): 'A' | 'B' | 'C' {
  const type = query.get('type');
  if (type === 'sdk') return 'B';
  if (type !== null) throw refusal(400, 'E1000', 'The type is unknown');
  return query.has('page') || query.has('size') ? 'C' : 'A';
}

function paged(parts: ListParts, { call, caller }: TenantRequest, found: readonly Access[]): Answer {
  const [page, size] = [numberOf(call, 'page') ?? 0, numberOf(call, 'size') ?? 20];
  const { nextLink } = parts.knobs;
  const rows = found.slice(page * size, (page + 1) * size);
  const body = {
    count: found.length,
    page,
    size,
    sort: call.query.get('sort') ?? 'appName,ASC',
    filter: call.query.get('filter'),
    data: rows.map((access) =>
      pagedRow(
        access,
        access.profile.accessTypes.map((accessType) => detail(parts, caller, { ...access, accessType })),
      ),
    ),
  };
  return json(200, body, nextLink === null ? {} : { 'next-page': nextLink });
}

/** What the caller can do with one access now. */
function detail(
  { knobs, approvals, checkouts }: ListParts,
  { person }: TenantRequest['caller'],
  access: Access & { readonly accessType: AccessType },
) {
  const granted = approvals.latest(person, access, 'APPROVED');
  const usableUntil = granted === null ? null : approvals.usableUntil(granted);
  const isPending = approvals.latest(person, access, 'PENDING') !== null;
  const active = checkouts.active({ ...access, userId: person.userId });
  const isLive = active !== null && phaseOf(checkouts.progress(active).status) === 'live';
  const at = (ms: number | null): string | null => (ms === null ? null : timestamp(ms, knobs.timestamps));
  return {
    accessType: access.accessType,
    status: !access.profile.needsApproval ? 'Allow' : isPending ? 'Pending' : 'ApprovalRequired',
    checkOutTime: isLive ? at(active.startedAt) : null,
    checkInTime: isLive ? at(active.expiresAt) : null,
    approvalValidityTime: at(usableUntil),
    favoriteId: null,
  };
}

function numberOf({ query }: Call, name: string): number | null {
  const text = query.get(name);
  if (text !== null && !/^\d{1,6}$/.test(text)) throw refusal(400, 'E1000', `"${name}" must be a number`);
  return text === null ? null : Number(text);
}

export const listApps =
  ({ knobs }: ListParts): Reaction =>
  () =>
    json(
      200,
      unique(entitledAccesses(knobs.applications).map(({ application }) => application)).map((application) => ({
        appContainerId: application.appId,
        catalogAppDisplayName: application.name,
        catalogAppName: application.kind,
      })),
    );

export const listEnvironments =
  ({ knobs }: ListParts): Reaction =>
  ({ params }) =>
    json(200, unique(below(knobs, params).map(({ environment }) => environment)).map(named));

export const listProfiles =
  ({ knobs }: ListParts): Reaction =>
  ({ params }) =>
    json(
      200,
      below(knobs, params)
        .filter(({ environment }) => environment.environmentId === params['environmentId'])
        .map(({ profile }) => ({ papId: profile.papId, papName: profile.name })),
    );

/** What the caller may use in the application. */
function below({ applications }: TenantKnobs, params: TenantRequest['params']): readonly Access[] {
  const found = entitledAccesses(applications).filter(({ application }) => application.appId === params['appId']);
  if (found.length === 0) throw refusal(404, 'E1002', 'The application does not exist');
  return found;
}
