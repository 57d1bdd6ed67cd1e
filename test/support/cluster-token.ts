/** The URL in a token, as the authenticator of a cluster reads it. Throws for what is none. */
export function urlIn(token: string): string {
  const encoded = /^k8s-aws-v1\.([\w-]+)$/.exec(token)?.[1];
  if (encoded === undefined) throw new Error(`Not a token of EKS: ${token}`);
  return Buffer.from(encoded, 'base64url').toString();
}
