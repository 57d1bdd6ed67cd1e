import { expect, it } from 'vitest';
import { epoch } from '../../src/core/types.ts';
import { type SignedRequest, signedHeaders } from '../../src/providers/sigv4.ts';

const request = (changes: Partial<SignedRequest>, sessionToken: string | null): SignedRequest => ({
  keys: { accessKeyId: 'ASIAEXAMPLEONLY00001', secretAccessKey: 'secret/with+signs', sessionToken },
  service: 'eks',
  region: 'eu-central-1',
  at: epoch(Date.parse('2026-11-21T09:00:00.000Z')),
  method: 'GET',
  url: 'https://eks.eu-central-1.amazonaws.com/clusters',
  headers: {},
  body: '',
  ...changes,
});

// As `SigV4Auth` of botocore 1.43.11 signed them at that moment.
it.each<[string, Partial<SignedRequest>, string | null, string, string]>([
  [
    'an odd path and an unsorted query',
    {
      url: 'https://eks.eu-central-1.amazonaws.com/clusters/a%20b(1)?nextToken=x%2By%2F%3D%3D&maxResults=100&A=1',
    },
    'session+token/with=signs',
    'host;x-amz-date;x-amz-security-token',
    'b6c650f1f06494d41bf3eb8a956832ea4b5b4c2525fccaa82ab5512405da6237',
  ],
  [
    'unsorted headers with more space than they need, and keys that do not expire',
    { headers: { 'x-b': '  two   spaces ', 'x-a': '1' } },
    null,
    'host;x-a;x-amz-date;x-b',
    'e764a8f8314c175899514ebc6742008dfad8affd34ea018fe003847492863180',
  ],
  [
    'a body',
    { method: 'POST', url: 'https://eks.eu-central-1.amazonaws.com/', body: '{"a":"é"}' },
    't',
    'host;x-amz-date;x-amz-security-token',
    'b6fad3c633c34a67deed033c3c61d3b5a624f132af31b096c13eae910543dc5d',
  ],
])("signs %s as AWS's own tools do", async (_what, changes, sessionToken, names, signature) => {
  const scope = 'ASIAEXAMPLEONLY00001/20261121/eu-central-1/eks/aws4_request';
  expect((await signedHeaders(request(changes, sessionToken)))['authorization']).toBe(
    `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${signature}`,
  );
});
