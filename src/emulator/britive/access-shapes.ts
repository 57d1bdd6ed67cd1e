/** The list of what a person may check out, in the three shapes that `GET /api/access` has. */
import type { Access, Application, Environment, Profile } from './catalogue.ts';

export const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];

const allows = ({ accessTypes }: Profile) => ({
  consoleAccess: accessTypes.includes('CONSOLE'),
  programmaticAccess: accessTypes.includes('PROGRAMMATIC'),
});

/** An application allows what one of its profiles allows. */
const allowsAny = ({ profiles }: Application) => ({
  consoleAccess: profiles.some(({ accessTypes }) => accessTypes.includes('CONSOLE')),
  programmaticAccess: profiles.some(({ accessTypes }) => accessTypes.includes('PROGRAMMATIC')),
});

/** A: applications with their profiles with their environments. */
export const nestedShape = (accesses: readonly Access[]) =>
  unique(accesses.map(({ application }) => application)).map((application) => ({
    appContainerId: application.appId,
    appName: application.name,
    appDescription: '',
    catalogAppName: application.kind,
    ...allowsAny(application),
    requiresHierarchicalModel: application.isHierarchical,
    profiles: unique(accesses.filter((access) => access.application === application).map(({ profile }) => profile)).map(
      (profile) =>
        nestedProfile(
          profile,
          accesses.filter((access) => access.profile === profile),
        ),
    ),
  }));

const nestedProfile = (profile: Profile, accesses: readonly Access[]) => ({
  profileId: profile.papId,
  profileName: profile.name,
  profileDescription: '',
  ...allows(profile),
  environments: accesses.map(({ environment: { environmentId, name, alternateName } }) => ({
    environmentId,
    environmentName: name,
    environmentDescription: '',
    alternateEnvironmentName: alternateName,
    accountId: environmentId,
  })),
});

/** B: four lists that refer to each other; a triple stands once for each access type. */
export function normalisedShape(accesses: readonly Access[], limit: number) {
  const triples = accesses.flatMap(({ application, environment, profile }) =>
    profile.accessTypes.map(() => ({
      appContainerId: application.appId,
      environmentId: environment.environmentId,
      papId: profile.papId,
    })),
  );
  return {
    count: triples.length,
    accesses: triples.slice(0, limit),
    apps: unique(accesses.map(({ application }) => application)).map((application) => ({
      appContainerId: application.appId,
      catalogAppDisplayName: application.name,
      catalogAppName: application.kind,
      appDescription: null,
      requiresHierarchicalModel: application.isHierarchical,
      ...allowsAny(application),
    })),
    environments: unique(accesses.map(({ environment }) => environment)).map((environment) => ({
      ...named(environment),
      environmentDescription: null,
      profileEnvironmentProperties: environment.properties,
    })),
    profiles: unique(accesses.map(({ profile }) => profile)).map(({ papId, name }) => ({
      papId,
      papName: name,
      papDescription: '',
      sessionAttributes: [],
    })),
  };
}

export const named = ({ environmentId, name, alternateName }: Environment) => ({
  environmentId,
  environmentName: name,
  alternateEnvironmentName: alternateName,
});

/** One row of C. */
export const pagedRow = ({ application, environment, profile }: Access, details: readonly object[]) => ({
  papId: profile.papId,
  environmentId: environment.environmentId,
  appId: application.appId,
  frequency: 0,
  myAccessDetails: details,
  application: {
    appId: application.appId,
    appName: application.name,
    applicationType: application.kind,
    supportsToken: true,
    displayProgrammaticKeys: true,
    requiresHierarchicalModel: application.isHierarchical,
    supportsMultipleProfilesCheckoutCli: true,
    supportsMultipleProfilesCheckoutConsole: false,
    ...allowsAny(application),
    consoleAccessError: null,
    programmaticAccessError: null,
  },
  environment: {
    ...named(environment),
    accountId: environment.environmentId,
    profileEnvironmentProperties: environment.properties,
  },
  profile: {
    papId: profile.papId,
    papName: profile.name,
    ...allows(profile),
    sessionAttributes: [],
    expirationDuration: profile.lifeMs,
    extendable: profile.extension !== null,
    extensionDuration: profile.extension?.byMs ?? null,
    extensionLimit: profile.extension?.limit ?? null,
    notificationPriorToExpiration: 300_000,
  },
});
