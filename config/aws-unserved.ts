/** What is said of a profile that cannot be served: short, with what to do at its end. */
import type { UnservedProfileSettings } from '../src/core/settings.ts';
import type { ResolvedChain } from './aws-chain.ts';
import type { BaseSource, Problem } from './aws-profile.ts';
import { settingOf } from './aws-profile.ts';

type Named = Omit<UnservedProfileSettings, 'kind' | 'problem' | 'yields'>;

export const unserved = (named: Named, problem: string, yields: boolean): UnservedProfileSettings => ({
  kind: 'unserved',
  ...named,
  problem,
  yields,
});

/** What is wrong without how to mend it, which the diagnostics say together with the place. */
export const broken = (named: Named, { message }: Problem): UnservedProfileSettings => {
  const [what = message] = message.split(/; |, did you mean /);
  return unserved(named, inBrief(what, '. ', 'Run: credbroker config check'), false);
};

/** Why a profile is not served whose chain begins so; `isRole` where it is a role at the end of it. */
export const unservedReason = (name: string, base: UnservedBase, isRole: boolean): string => {
  const what = `Profile "${name}"`;
  const [does, next] = natureOf(base);
  if (base.profile.name !== name) return inBrief(`${what} builds on "${base.profile.name}", which ${does}`, '; ', next);
  if (base.type === 'named') return inBrief(`${what} ${does}, not served yet`, '; ', next);
  if (base.type === 'broker') return `${what} ${does}; ask for "${base.asked}" itself`;
  if (base.type !== 'static') return `${what} ${does}; ${next}`;
  if (isRole) return inBrief(`${what} builds on static access keys of its own`, '; ', next);
  return `${what} holds static access keys, not served yet; use it with the AWS tools directly`;
};

type Base = ResolvedChain['base'];
type UnservedBase = Extract<BaseSource, { readonly type: 'static' | 'named' | 'none' | 'sso-token' | 'broker' }>;
export type ServedBase = Exclude<Base, UnservedBase>;

export const isServed = (base: Base): base is ServedBase => served.has(base.type);

const served: ReadonlySet<Base['type']> = new Set(['sso', 'own', 'web-identity', 'process', 'login']);

/** What is the matter, and what to do for one who builds on it. */
const natureOf = (base: UnservedBase): readonly [string, string] => {
  switch (base.type) {
    case 'static':
      return settingOf(base.profile, 'aws_session_token') === null
        ? ['holds static access keys', withTools]
        : ['holds keys that end by themselves', `add "${base.profile.name}" to config.yaml`];
    case 'named':
      return ['takes keys by credential_source', withTools];
    case 'none':
      return ['holds no credentials', 'add sso_session, sso_account_id and sso_role_name'];
    case 'sso-token':
      return ['has sso_session but no role', 'add sso_account_id and sso_role_name'];
    case 'broker':
      return [`asks credbroker for "${base.asked}"`, `add "${base.asked}" to config.yaml`];
  }
};

const withTools = 'use the AWS tools directly';

/** The data plane cuts a message there. */
const maxProblem = 100;

/** The next step is never cut off. */
const inBrief = (what: string, link: string, next: string): string => {
  const whole = `${what}${link}${next}`;
  return whole.length <= maxProblem ? whole : `${what.slice(0, maxProblem - next.length - 2)}… ${next}`;
};
