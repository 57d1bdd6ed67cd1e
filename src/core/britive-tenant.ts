/** Britive's tenants and their hosts, as people write them. */

const suffix = '.britive-app.com';

type TenantAddress =
  | { readonly type: 'ok'; readonly tenant: string; readonly baseUrl: string }
  | { readonly type: 'refused'; readonly problem: string };

/**
 * From what people type or paste: `acme`, `acme.britive-app.com`, `https://acme.britive-app.com/login`, in any case.
 */
export const parseTenant = (text: string): TenantAddress => {
  const host = hostOf(text.trim().toLowerCase());
  // With its dot: `evilbritive-app.com` is somebody else's.
  const tenant = host.endsWith(suffix) ? host.slice(0, -suffix.length) : host;
  const foreign = tenant === host && host.endsWith(suffix.slice(1));
  if (!isTenant(tenant) || foreign) return refused(`"${text.trim()}" is not a Britive tenant such as "acme"`);
  return { type: 'ok', tenant, baseUrl: `https://${tenant}${suffix}` };
};

const hostOf = (text: string): string =>
  text
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/[/?#].*$/s, '')
    .replace(/:\d*$/, '')
    .replace(/\.$/, '');

/** Labels of a host name; rings such as `acme.dev` have two. */
const isTenant = (name: string): boolean => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) && !name.includes('..');

type BaseUrl =
  | { readonly type: 'ok'; readonly baseUrl: string }
  | { readonly type: 'refused'; readonly problem: string };

/** Another host than `britive-app.com`: https, or http on this machine. */
export const parseBaseUrl = (text: string): BaseUrl => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return refused(`"${text}" is not a URL`);
  if (url.username !== '' || url.password !== '') return refused('baseUrl holds a user name or password');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return refused(`"${text}" is not https`);
  }
  if (url.search !== '' || url.hash !== '') return refused(`"${text}" has a query or fragment`);
  return { type: 'ok', baseUrl: url.origin + url.pathname.replace(/\/+$/, '') };
};

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

const refused = (problem: string) => ({ type: 'refused', problem }) as const;
