import { base64url } from 'jose';

/** Whoever holds the verifier gets the session of whoever opens the URL with the hash: it is shown to nobody. */
interface Challenge {
  readonly verifier: string;
  readonly hash: string;
}

const verifierBytes = 32;

export const newChallenge = async (random: (bytes: number) => Uint8Array = randomBytes): Promise<Challenge> => {
  for (;;) {
    const verifier = base64url.encode(random(verifierBytes));
    // Over the text, not over the bytes that it stands for.
    const digest = await crypto.subtle.digest('SHA-512', new TextEncoder().encode(verifier));
    const hash = base64url.encode(new Uint8Array(digest));
    // The firewall in front of Britive takes two dashes for the comment of an injected query.
    if (!verifier.includes('--') && !hash.includes('--')) return { verifier, hash };
  }
};

const randomBytes = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));

export const loginUrl = (baseUrl: string, idp: string | null, { hash }: Challenge): string =>
  idp === null
    ? `${baseUrl}/login?token=${hash}`
    : `${baseUrl}/sso?idp=${encodeURIComponent(idp.replaceAll('saml', 'SAML'))}&token=${hash}`;
