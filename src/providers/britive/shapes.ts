/** `GET /api/access` answers in three shapes. Which one is seen from the answer, not from the question. */
import type { JsonObject } from '../json-reply.ts';
import { textField } from '../json-reply.ts';
import type { CatalogueEntry } from './entry.ts';
import { idOf } from './entry.ts';
import { kindOf } from './payload.ts';
import { isObject, objectsOf } from './reply.ts';

export interface Listing {
  readonly entries: readonly CatalogueEntry[];
  /** How many there are in all, where the answer has fewer. */
  readonly missing: number;
}

/** Undefined for a body in none of the shapes. */
export const parseListing = (body: unknown): Listing | undefined => {
  if (Array.isArray(body)) return complete(body.filter(isObject).flatMap(ofApplication));
  if (!isObject(body)) return undefined;
  const accesses = objectsOf(body['accesses']);
  if (accesses !== undefined) return normalised(body, accesses);
  const data = objectsOf(body['data']);
  return data === undefined ? undefined : complete(ofAccesses(data));
};

const complete = (entries: readonly CatalogueEntry[]): Listing => ({ entries: unique(entries), missing: 0 });

/** Shape A: applications that hold profiles that hold environments. */
const ofApplication = (app: JsonObject): readonly CatalogueEntry[] =>
  objectsIn(app, 'profiles').flatMap((profile) =>
    objectsIn(profile, 'environments').flatMap((environment) => entryOf({ app, profile, environment })),
  );

/** Shape B: four lists that name each other by id. It repeats a triple for each access type. */
const normalised = (body: JsonObject, accesses: readonly JsonObject[]): Listing => {
  const apps = byId(objectsIn(body, 'apps'), 'appContainerId');
  const environments = byId(objectsIn(body, 'environments'), 'environmentId');
  const profiles = byId(objectsIn(body, 'profiles'), 'papId');
  const entries = accesses.flatMap((access) => {
    const app = apps.get(access['appContainerId']);
    const environment = environments.get(access['environmentId']);
    const profile = profiles.get(access['papId']);
    return app && environment && profile ? entryOf({ app, profile, environment }) : [];
  });
  const { count } = body;
  const missing = typeof count === 'number' ? Math.max(0, count - accesses.length) : 0;
  return { entries: unique(entries), missing };
};

/** Shape C: a page of accesses, each with all that belongs to it. */
export const ofAccesses = (data: readonly JsonObject[]): readonly CatalogueEntry[] =>
  data.flatMap((access) => {
    const { application: app, environment, profile } = access;
    return isObject(app) && isObject(environment) && isObject(profile) ? entryOf({ app, profile, environment }) : [];
  });

interface Parts {
  readonly app: JsonObject;
  readonly profile: JsonObject;
  readonly environment: JsonObject;
}

/** The shapes differ in the names of a few fields. None for one without its ids. */
const entryOf = ({ app, profile, environment }: Parts): readonly CatalogueEntry[] => {
  const papId = textField(profile, 'papId') ?? textField(profile, 'profileId');
  const environmentId = textField(environment, 'environmentId');
  const applicationId = textField(app, 'appContainerId') ?? textField(app, 'appId');
  if (papId === null || environmentId === null || applicationId === null) return [];
  const catalogueName = textField(app, 'catalogAppName') ?? textField(app, 'applicationType') ?? '';
  const entry = {
    papId,
    environmentId,
    applicationId,
    application: textField(app, 'catalogAppDisplayName') ?? textField(app, 'appName') ?? applicationId,
    environment: textField(environment, 'environmentName') ?? environmentId,
    alternate: textField(environment, 'alternateEnvironmentName'),
    profile: textField(profile, 'papName') ?? textField(profile, 'profileName') ?? papId,
    kind: kindOf(catalogueName),
    catalogueName,
    hierarchical: app['requiresHierarchicalModel'] === true,
    accountId: accountOf(environment, environmentId),
    programmatic: flag(profile['programmaticAccess'] ?? app['programmaticAccess']),
    console: flag(profile['consoleAccess'] ?? app['consoleAccess']),
    extendable: flag(profile['extendable']),
    cluster: clusterOf(environment['profileEnvironmentProperties']),
  };
  return [entry];
};

const accountOf = (environment: JsonObject, environmentId: string): string | null => {
  const known = textField(environment, 'accountId') ?? environmentId;
  return /^\d{12}$/.test(known) ? known : null;
};

const clusterOf = (properties: unknown): CatalogueEntry['cluster'] => {
  const server = isObject(properties) ? textField(properties, 'apiServerUrl') : null;
  if (server === null || !isObject(properties)) return null;
  return { server, certificateAuthority: textField(properties, 'certificateAuthorityData') };
};

const flag = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);

const unique = (entries: readonly CatalogueEntry[]): readonly CatalogueEntry[] => [
  ...new Map(entries.map((entry) => [idOf(entry), entry])).values(),
];

const byId = (items: readonly JsonObject[], id: string): ReadonlyMap<unknown, JsonObject> =>
  new Map(items.map((item) => [item[id], item]));

const objectsIn = (body: JsonObject, name: string): readonly JsonObject[] => objectsOf(body[name]) ?? [];
