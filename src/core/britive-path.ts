/** `App/Env/Profile`: how a person names what can be checked out of Britive. A slash within a name is escaped. */

export type PathParts = readonly [application: string, environment: string, profile: string];

export const joinPath = (parts: PathParts): string =>
  parts.map((part) => part.replaceAll('\\', '\\\\').replaceAll('/', '\\/')).join('/');

/** The parts of a path, its escapes undone; two parts stand for an application that is its own environment. */
export const splitPath = (path: string): PathParts | null => {
  const parts = [...path.matchAll(/(?:^|\/)((?:\\.|[^\\/])*)/gsu)].map(([, part = '']) =>
    part.replace(/\\(.)/gsu, '$1'),
  );
  const [application = '', second = '', third = second] = parts.map((part) => part.trim());
  if (parts.length < 2 || parts.length > 3 || application === '' || second === '' || third === '') return null;
  return parts.length === 2 ? [application, application, second] : [application, second, third];
};
