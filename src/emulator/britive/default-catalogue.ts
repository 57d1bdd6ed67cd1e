/** A tenant with one profile for everything that a client can meet. */
import { hexOf } from '../random.ts';
import type { Application, Environment, Profile, Step } from './catalogue.ts';

const minutes = (count: number): number => count * 60_000;
const hours = (count: number): number => minutes(count * 60);

export const step = (status: string, afterMs = 0, errorMessage: string | null = null): Step => ({
  status,
  afterMs,
  errorMessage,
});

const identifier = (name: string): string => hexOf(name, 20);

const environment = (environmentId: string, alternateName: string): Environment => ({
  environmentId,
  name: `${environmentId} (${alternateName})`,
  alternateName,
  properties: {},
});

const development = environment('111122223333', 'Development');
const staging = environment('444455556666', 'Staging');
const production = environment('123456789012', 'Production');

function profile(name: string, environments: readonly Environment[], changes: Partial<Profile> = {}): Profile {
  return {
    papId: identifier(`profile/${name}`),
    name,
    environmentIds: environments.map(({ environmentId }) => environmentId),
    accessTypes: ['PROGRAMMATIC', 'CONSOLE'],
    lifeMs: hours(4),
    extension: null,
    isEntitled: true,
    checkout: [step('checkOutSubmitted'), step('checkOutInProgress', 300), step('checkedOut', 700)],
    checkin: [step('checkInSubmitted'), step('checkedIn', 1000)],
    justification: null,
    ticket: null,
    needsApproval: false,
    needsStepUp: false,
    ...changes,
  };
}

const amazon: Application = {
  appId: identifier('app/Cloud'),
  name: 'Cloud',
  kind: 'AWS',
  isHierarchical: false,
  environments: [development, staging, production],
  profiles: [
    profile('Developer', [development, staging], { lifeMs: hours(1) }),
    profile('Read Only', [development, staging, production]),
    profile('Build', [development], { extension: { byMs: hours(1), limit: 2 } }),
    profile('Operator', [production], { justification: { pattern: '^OPS-[0-9]+: .+' } }),
    profile('Release', [production], {
      ticket: { connection: 'jira', types: ['issue'], ids: ['REL-1', 'REL-2'] },
    }),
    profile('Admin', [production], { needsApproval: true, lifeMs: hours(1) }),
    profile('Break Glass', [production], { needsStepUp: true, lifeMs: minutes(30) }),
    profile('Auditor', [production], { accessTypes: ['CONSOLE'] }),
    profile('Nobody', [production], { isEntitled: false }),
  ],
};

const single = (name: string, kind: string, only: Partial<Environment>, profileName: string): Application => {
  const environments = [{ ...environment(identifier(`env/${name}`), name), name, ...only }];
  return {
    appId: identifier(`app/${name}`),
    name,
    kind,
    isHierarchical: true,
    environments,
    profiles: [profile(profileName, environments)],
  };
};

export const defaultCatalogue: readonly Application[] = [
  amazon,
  single('Sandbox', 'AWS Standalone', { environmentId: '210987654321' }, 'Sandbox Owner'),
  single('Directory', 'Azure', {}, 'Contributor'),
  single('Analytics', 'GCP', {}, 'Data Viewer'),
  single(
    'Cluster',
    'Kubernetes',
    { properties: { apiServerUrl: 'https://127.0.0.1:6443', certificateAuthorityData: 'LS0tLS1CRUdJTg==' } },
    'Cluster Reader',
  ),
  single('Warehouse', 'Snowflake', {}, 'Analyst'),
];
