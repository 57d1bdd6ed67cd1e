import { epoch, type SessionRecord, type Verdict } from '../../core/types.ts';
import { verifyIdToken } from './id-token.ts';
import type { Upstream } from './upstream.ts';
import { denied } from './verdicts.ts';

/** The ID token that came with these tokens or before them; what came with a refresh is verified when it is wanted. */
export const heldIdToken = async (
  upstream: Upstream,
  record: SessionRecord,
  signal: AbortSignal,
): Promise<Verdict<string | null>> => {
  const { notes, issuer, keys, settings } = upstream;
  const held = notes.idTokenOf(record);
  if (held === null) return { type: 'ok', value: null };
  const { text, subject, isVerified } = held;
  if (isVerified) return { type: 'ok', value: text };
  const metadata = await issuer.metadata(signal);
  if (metadata.type !== 'ok') return metadata;
  const expected = { metadata: metadata.value, clientId: settings.clientId, nonce: null, subject };
  const verdict = await verifyIdToken(text, expected, { keys, wire: issuer.wire(signal) });
  if (verdict.type === 'bad') return denied(`the ID token does not verify: ${verdict.what}`);
  if (verdict.type !== 'ok') return verdict;
  const obtainedAt = notes.of(record.accessToken)?.obtainedAt ?? epoch(0);
  notes.note(record.accessToken, { obtainedAt, idToken: { text, subject: verdict.value.subject, isVerified: true } });
  return { type: 'ok', value: text };
};
