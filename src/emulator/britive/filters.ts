/** The tenant's filter language, `appName eq "Cloud" and papName co "read"`, and its search. */
import type { Access } from './catalogue.ts';
import { refusal } from './errors.ts';

type Predicate = (access: Access) => boolean;

const fields: Readonly<Record<string, (access: Access) => string>> = {
  appName: ({ application }) => application.name,
  appType: ({ application }) => application.kind,
  papName: ({ profile }) => profile.name,
  environmentName: ({ environment }) => environment.name,
  environmentId: ({ environment }) => environment.environmentId,
};

const operators: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  sw: (value, wanted) => value.startsWith(wanted),
  co: (value, wanted) => value.includes(wanted),
};

/** Nobody here has favourites or collections. */
export function matching(filter: string | null): Predicate {
  if (filter === null || filter === '') return () => true;
  if (filter === 'favorites' || filter.startsWith('collectionId eq ')) return () => false;
  const terms = filter.split(' and ').map(term);
  return (access) => terms.every((holds) => holds(access));
}

function term(text: string): Predicate {
  const [, name = '', operator = '', value = ''] = /^(\w+) (\w+) "?([^"]*)"?$/.exec(text.trim()) ?? [];
  const [field, holds] = [fields[name], operators[operator]];
  if (field === undefined || holds === undefined) throw refusal(400, 'E1000', 'The filter cannot be read');
  return (access) => holds(field(access).toLowerCase(), value.toLowerCase());
}

export function containing(search: string | null): Predicate {
  const wanted = (search ?? '').toLowerCase();
  return ({ application, environment, profile }) =>
    [application.name, environment.name, environment.alternateName, profile.name].some((name) =>
      name.toLowerCase().includes(wanted),
    );
}
