/** A sign-in that somebody else made, kept where the AWS tools look for it. */
import type { Emulator } from '../../src/emulator/index.ts';
import { OidcClient, startUrl } from './oidc-client.ts';
import { type Home, type TokenFile, writeTokenFile } from './real-clients.ts';

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** Says of its access token that it lives so long. Returns what stands in the file. */
export async function storeSession(emulator: Emulator, home: Home, expiresInMs: number): Promise<TokenFile> {
  const oidc = new OidcClient(emulator);
  const client = await oidc.register();
  const { accessToken, refreshToken } = await oidc.logIn(client);
  const token = {
    startUrl,
    region: 'us-east-1',
    accessToken,
    expiresAt: iso(Date.now() + expiresInMs),
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    registrationExpiresAt: iso(Date.now() + 90 * 86_400_000),
    refreshToken,
    ofAnotherTool: 'kept',
  };
  writeTokenFile(home, token);
  return token;
}
