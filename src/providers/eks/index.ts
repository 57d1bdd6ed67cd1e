/** Amazon EKS: the clusters of a region, and the tokens that open them. */
import type { EksCall, EksUpstream } from '../../core/eks.ts';
import type { Verdict } from '../../core/types.ts';
import type { Http } from '../http.ts';
import type { Waiting } from '../provider.ts';
import { wait } from '../wait.ts';
import { type EksHttp, parseCluster, parseNames, requestCluster, requestNames } from './api.ts';
import { clusterToken } from './token.ts';

export interface EksDependencies extends Http, Waiting {
  /** Null for the region's own. Throws a `BrokerError` for one that must not be used. */
  readonly endpointOf: (service: 'eks' | 'sts') => string | null;
}

/** An empty list is asked for again: a role's keys are known everywhere only a little after they were made. */
const pausesMs = [1_000, 2_000];

export const openEks = (dependencies: EksDependencies): EksUpstream => {
  const { fetch, clock, endpointOf } = dependencies;
  const eks = (): EksHttp => ({ fetch, clock, endpoint: endpointOf('eks') });
  return {
    list: async (call) => {
      const http = eks();
      let names = await allNames(http, call);
      for (const pauseMs of pausesMs) {
        if (names.type !== 'ok' || names.value.length > 0) break;
        if (!(await wait(dependencies, pauseMs, call.signal))) break;
        names = await allNames(http, call);
      }
      return names;
    },
    describe: async (call, cluster) => parseCluster(await requestCluster(eks(), call, cluster)),
    token: async (signing, cluster) => clusterToken(endpointOf('sts'), signing, cluster),
  };
};

const allNames = async (http: EksHttp, call: EksCall): Promise<Verdict<readonly string[]>> => {
  const names: string[] = [];
  let nextToken: string | null = null;
  do {
    const page: ReturnType<typeof parseNames> = parseNames(await requestNames(http, call, nextToken));
    if (page.type !== 'ok') return page;
    names.push(...page.value.names);
    // The same page again would never end.
    nextToken = page.value.nextToken === nextToken ? null : page.value.nextToken;
  } while (nextToken !== null);
  return { type: 'ok', value: names };
};
