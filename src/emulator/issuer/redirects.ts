/** Where a browser may be sent back to: exactly what was registered; the port of a loopback address is free (RFC 8252, 7.3). */

/** On the text, because URL parsing turns other spellings into the same host. */
const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::\d{1,5})?(\/[^#]*)?$/;

export const isRegistered = (uri: string, registered: readonly string[]): boolean =>
  registered.some((candidate) => uri === candidate || isSameLoopback(uri, candidate));

function isSameLoopback(uri: string, candidate: string): boolean {
  const [, host, path] = loopback.exec(uri) ?? [];
  const [, registeredHost, registeredPath] = loopback.exec(candidate) ?? [];
  return host !== undefined && host === registeredHost && (path ?? '/') === (registeredPath ?? '/');
}
