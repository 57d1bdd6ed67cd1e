/**
 * The proof of a one-time password can be a cookie that lives for seconds. One jar for each session, in memory, for the
 * tenant's host alone; another token empties it.
 */
import type { Clock } from '../../core/ports.ts';
import type { MonoMs } from '../../core/types.ts';
import { mono } from '../../core/types.ts';

interface Cookie {
  readonly value: string;
  readonly path: string;
  readonly endsAt: MonoMs;
}

export class CookieJar {
  readonly #clock: Clock;
  #owner: string | null = null;
  #cookies = new Map<string, Cookie>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `setCookie` may hold several, as `fetch` joins them. */
  keep(owner: string, setCookie: string): void {
    this.#ownedBy(owner);
    // A comma also stands in `Expires`, where no name follows it.
    for (const text of setCookie.split(/,(?=\s*[^\s;,=]+=)/)) {
      const [pair = '', ...attributes] = text.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      if (at < 1) continue;
      const endsAt = mono(this.#clock.mono() + lifeMs(attributes, this.#clock.now()));
      this.#cookies.set(pair.slice(0, at), {
        value: pair.slice(at + 1),
        path: attributeOf(attributes, 'path') ?? '/',
        endsAt,
      });
    }
  }

  /** The `Cookie` header, null for none. */
  header(owner: string, path: string): string | null {
    this.#ownedBy(owner);
    const now = this.#clock.mono();
    const sent = [...this.#cookies].filter(([, cookie]) => cookie.endsAt > now && covers(cookie.path, path));
    return sent.length === 0 ? null : sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  #ownedBy(owner: string): void {
    if (this.#owner !== owner) this.#cookies.clear();
    this.#owner = owner;
  }
}

/** RFC 6265 section 5.1.4. */
const covers = (cookiePath: string, path: string): boolean =>
  path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);

const attributeOf = (attributes: readonly string[], name: string): string | null => {
  const found = attributes.find((one) => one.toLowerCase().startsWith(`${name}=`));
  return found?.slice(name.length + 1) || null;
};

/** No proof lives longer than the longest window that a tenant can set. */
const longestMs = 60 * 60_000;

const lifeMs = (attributes: readonly string[], now: number): number => {
  const maxAge = attributeOf(attributes, 'max-age');
  if (maxAge !== null && /^-?\d+$/.test(maxAge)) return Math.min(Number(maxAge) * 1000, longestMs);
  const expires = Date.parse(attributeOf(attributes, 'expires') ?? '');
  return Number.isNaN(expires) ? longestMs : Math.min(expires - now, longestMs);
};
