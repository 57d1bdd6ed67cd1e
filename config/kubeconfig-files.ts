/** https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ */
import type { Env } from './environment.ts';
import { homeOf, pathsOf, variable } from './environment.ts';

/** What kubectl merges, the first that sets a thing wins. What is added goes to the first. */
export const kubeconfigFiles = (env: Env, platform: NodeJS.Platform): readonly [string, ...string[]] => {
  const { delimiter, join } = pathsOf(platform);
  const [first, ...others] = (variable(env, 'KUBECONFIG') ?? '').split(delimiter).filter((path) => path !== '');
  return first === undefined ? [join(homeOf(env, platform), '.kube', 'config')] : [first, ...others];
};
