/** Lists come in four styles of paging; what an answer looks like says which. */
import type { JsonObject } from '../json-reply.ts';
import { textField } from '../json-reply.ts';
import { ask, get } from './ask.ts';
import type { Call } from './connection.ts';
import type { Parsed, TenantReply } from './reply.ts';
import { isObject, objectsOf, parse } from './reply.ts';
import { patiently } from './retry.ts';
import { pathWithin } from './tenant.ts';

const mostPages = 100;

interface Page {
  readonly items: readonly JsonObject[];
  /** The path of the next one, null at the end. */
  readonly next: string | null;
}

/** All objects of a list, from its first page on. A link that leaves the tenant is none. */
export const readPages = async (call: Call, first: string): Promise<Parsed<readonly JsonObject[]>> => {
  const all: JsonObject[] = [];
  let path: string | null = first;
  for (let page = 0; path !== null && page < mostPages; page++) {
    const read: Parsed<Page> = await readPage(call, path);
    if (read.type !== 'ok') return read;
    all.push(...read.value.items);
    path = read.value.next;
  }
  return { type: 'ok', value: all };
};

const readPage = (call: Call, path: string): Promise<Parsed<Page>> =>
  patiently(call, async () => {
    const reply = await ask(call, get(path));
    return parse(reply, (body) => {
      const items = objectsOf(isObject(body) ? (body['data'] ?? body['result']) : body);
      return items === undefined || reply.type !== 'reply' ? undefined : { items, next: nextOf(call, path, reply) };
    });
  });

const nextOf = (call: Call, path: string, { body, header }: TenantReply): string | null => {
  const { baseUrl } = call.connection.settings;
  const fields = isObject(body) ? body : {};
  const { pagination, count, page, size } = fields;
  const link = header('next-page') ?? (isObject(pagination) ? textField(pagination, 'next') : null);
  const linked = link === null ? null : pathWithin(baseUrl, link);
  if (linked !== null) return linked;
  const token = textField(fields, 'nextPageToken');
  if (token !== null) return withQuery(path, 'pageToken', token);
  if (typeof count !== 'number' || typeof page !== 'number' || typeof size !== 'number') return null;
  return size > 0 && size * (page + 1) < count ? withQuery(path, 'page', String(page + 1)) : null;
};

const withQuery = (path: string, name: string, value: string): string => {
  const [route = '', query] = path.split('?', 2);
  const params = new URLSearchParams(query);
  params.set(name, value);
  return `${route}?${params}`;
};
