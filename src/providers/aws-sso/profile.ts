import type { SsoProfileSettings } from '../../core/settings.ts';
import type { LeaseUpstream } from '../../core/types.ts';
import { parseRoleCredentials, requestRoleCredentials } from './portal.ts';
import type { Upstream } from './upstream.ts';
import { portalCall } from './upstream.ts';

export const openProfile = (upstream: Upstream, { accountId, roleName }: SsoProfileSettings): LeaseUpstream => ({
  renewal: 'overlap',
  prefetch: true,
  timeoutMs: null,
  acquire: async ({ record, signal }) => {
    if (record === null) return { type: 'unauthorized', detail: 'nobody is signed in' };
    const call = portalCall(upstream, record, signal);
    return parseRoleCredentials(await requestRoleCredentials(call, accountId, roleName), accountId);
  },
  // Identity Center counts no checkouts: its keys live to their end.
  release: async () => ({ type: 'ok', value: undefined }),
});
