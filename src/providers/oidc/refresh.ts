import type { RefreshedTokens, SessionRecord, Verdict } from '../../core/types.ts';
import { exchange, usableRefreshToken } from './tokens.ts';
import type { Upstream } from './upstream.ts';

/** RFC 6749 section 6: an answer without a refresh token leaves the old one good. */
export const refresh = async (
  upstream: Upstream,
  record: SessionRecord,
  signal: AbortSignal,
): Promise<Verdict<RefreshedTokens>> => {
  const spent = usableRefreshToken(record.refreshToken);
  if (spent === null) return { type: 'rejected', why: 'invalid_grant', detail: 'the session has no refresh token' };
  const metadata = await upstream.issuer.metadata(signal);
  if (metadata.type !== 'ok') return metadata;
  const counterpart = { metadata: metadata.value, signal };
  const { verdict: tokens } = await exchange(upstream, { type: 'refresh', refreshToken: spent }, counterpart);
  if (tokens.type !== 'ok') return tokens;
  const { record: issued, lifetimeMs } = tokens.value;
  takeNote(upstream, record, issued);
  const kept = { refreshToken: issued.refreshToken ?? spent, idToken: issued.idToken ?? record.idToken };
  return { type: 'ok', value: { record: { ...issued, ...kept }, lifetimeMs } };
};

/** Not verified here: neither a fault in it nor the wait for a key may cost the refresh token that came with it. */
const takeNote = ({ notes, dependencies }: Upstream, from: SessionRecord, to: SessionRecord): void => {
  const old = notes.idTokenOf(from);
  const held = to.idToken === null ? old : { text: to.idToken, subject: old?.subject ?? null, isVerified: false };
  notes.forget(from.accessToken);
  notes.note(to.accessToken, { obtainedAt: dependencies.clock.now(), idToken: held });
};
