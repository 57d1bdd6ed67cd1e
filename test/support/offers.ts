import { joinPath, type PathParts, splitPath } from '../../src/core/britive-path.ts';
import { folded, type Offer } from '../../src/core/offers.ts';
import type {
  BritiveProfileSettings,
  BritiveSessionSettings,
  ProfileSettings,
  Settings,
} from '../../src/core/settings.ts';
import { settingsWith } from './test-broker.ts';

const origin = { file: 'config', line: 1 };

const tenantSession = (name = 'acme'): BritiveSessionSettings => ({
  ...{ provider: 'britive', name, tenant: name, baseUrl: `https://${name}.example` },
  ...{ idp: null, federation: null, idleCheckinMs: null, origin },
});

/** Its environment may have other names. */
export const offer = (alias: string, parts: PathParts, others: readonly string[] = [], session = 'acme'): Offer => ({
  qualified: `${session}.${alias}`,
  id: `id of ${joinPath(parts)}`,
  alias,
  path: joinPath(parts),
  kind: 'aws',
  cluster: null,
  parts,
  names: [[folded(parts[0])], [folded(parts[1]), ...others], [folded(parts[2])]],
});

export const configured = (name: string, path: string, session = 'acme'): BritiveProfileSettings => {
  const [application, environment, access] = splitPath(path) ?? ['', '', ''];
  return {
    ...{ kind: 'britive', name, session, application, environment, access, offer: null, implied: false },
    ...{ region: null, description: null, origin },
  };
};

export const settingsOf = (profiles: readonly ProfileSettings[], sessions = ['acme']): Settings =>
  settingsWith({
    sessions: new Map(sessions.map((name) => [name, tenantSession(name)])),
    profiles: new Map(profiles.map((profile) => [profile.name, profile])),
  });
