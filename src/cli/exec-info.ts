/** What kubectl tells its plugin: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats */
import { variable } from '../../config/environment.ts';
import { BrokerError } from '../core/errors.ts';

const group = 'client.authentication.k8s.io';
const spoken: readonly unknown[] = [`${group}/v1`, `${group}/v1beta1`];

/** The version in which the answer is to be written. Throws for those that nobody should write any more, or not yet. */
export function askedVersion(env: NodeJS.ProcessEnv): string {
  const text = variable(env, 'KUBERNETES_EXEC_INFO');
  if (text === null) return `${group}/v1`;
  const version = versionIn(text);
  if (typeof version === 'string' && spoken.includes(version)) return version;
  const asked = typeof version === 'string' ? `asks for "${version}"` : 'cannot be read';
  throw new BrokerError('BadRequest', `KUBERNETES_EXEC_INFO ${asked}. Set apiVersion to ${group}/v1 in the kubeconfig`);
}

function versionIn(text: string): unknown {
  try {
    const info: unknown = JSON.parse(text);
    return typeof info === 'object' && info !== null && 'apiVersion' in info ? info.apiVersion : null;
  } catch {
    return null;
  }
}
