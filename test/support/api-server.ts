/** The API server of a cluster, as far as a sign-in goes. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { urlIn } from './cluster-token.ts';
import { selfSigned } from './self-signed.ts';

export interface ApiServer {
  readonly endpoint: string;
  /** Base64 of PEM. */
  readonly certificateAuthority: string;
  /** The tokens that were shown to it. */
  readonly tokens: readonly string[];
}

/** Whose a token is, null for one that nobody knows. */
type Authenticate = (token: string) => Promise<string | null>;

/** Answers everybody with who they are, at every path. */
export async function startApiServer(authenticate: Authenticate): Promise<ApiServer> {
  const { key, cert } = selfSigned('localhost');
  const tokens: string[] = [];
  const server = createServer({ key, cert }, async (request, response) => {
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    tokens.push(token);
    const user = await authenticate(token);
    response.writeHead(user === null ? 401 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ user }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const certificateAuthority = Buffer.from(cert).toString('base64');
  return { endpoint: `https://localhost:${port}`, certificateAuthority, tokens };
}

/** As a cluster of EKS does it: whoever STS says it is, of a token for this very cluster. */
export const byAws =
  (cluster: string): Authenticate =>
  async (token) => {
    const answer = await fetch(urlIn(token), { headers: { 'x-k8s-aws-id': cluster } }).catch(() => null);
    return answer?.ok ? (/<Arn>([^<]+)</.exec(await answer.text())?.[1] ?? null) : null;
  };

/** By what a JWT says of itself. */
export const bySubject: Authenticate = async (token) => {
  const [, claims = ''] = token.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).sub ?? null;
};
