/** Redirect URIs of native apps (RFC 8252, 7.3): loopback by its number, any port. */

/** On the text, because URL parsing turns `127.1` and decimal addresses into the same host. */
const loopback = /^http:\/\/127\.0\.0\.1(?::\d{1,5})?(\/[^?#]*)?$/;

export const isLoopbackRedirect = (uri: string): boolean => loopback.test(uri);

/** Ignores the port, and nothing else. */
export function matchesRegistered(uri: string, registered: readonly string[]): boolean {
  const path = loopback.exec(uri);
  return path !== null && registered.some((candidate) => (loopback.exec(candidate)?.[1] ?? '/') === (path[1] ?? '/'));
}
