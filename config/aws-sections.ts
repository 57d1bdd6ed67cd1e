/** Which sections of the two AWS files count, under which name, and how they merge: the credentials file wins. */
import type { Diagnostic } from '../src/core/settings.ts';
import { shellWords } from '../src/core/shell-words.ts';
import type { IniKey, IniSection } from './aws-ini.ts';
import { parseIni } from './aws-ini.ts';

export interface AwsKey extends IniKey {
  readonly file: string;
  readonly source: AwsFileKind;
}

export interface AwsSection {
  readonly name: string;
  /** Of its first header. */
  readonly file: string;
  readonly line: number;
  readonly keys: ReadonlyMap<string, AwsKey>;
}

export interface AwsConfig {
  readonly profiles: ReadonlyMap<string, AwsSection>;
  readonly ssoSessions: ReadonlyMap<string, AwsSection>;
  readonly services: ReadonlyMap<string, AwsSection>;
  readonly diagnostics: readonly Diagnostic[];
}

export type AwsFileKind = 'config' | 'credentials';

export interface AwsFileText {
  readonly kind: AwsFileKind;
  readonly file: string;
  readonly text: string;
}

/** The files in the order of their weight, the one that wins last. */
export const parseAwsConfig = (files: readonly AwsFileText[]): AwsConfig => {
  const sections = { profile: new Map(), 'sso-session': new Map(), services: new Map() } satisfies SectionMaps;
  const diagnostics: Diagnostic[] = [];
  for (const { kind, file, text } of files) {
    const parsed = parseIni(text, file);
    diagnostics.push(...parsed.diagnostics);
    const headings = parsed.sections.map((section) => ({ section, heading: headingOf(kind, section.header) }));
    const prefixedDefault = headings.some(({ section, heading }) => isDefault(heading) && section.header !== 'default');
    for (const { section, heading } of headings) {
      const shadowed = prefixedDefault && isDefault(heading) && section.header === 'default';
      const problem = shadowed ? shadowedDefault : 'ignored' in heading ? heading.ignored : null;
      if (problem !== null) diagnostics.push(warning(file, section, problem));
      if (!shadowed && 'type' in heading) merge(sections[heading.type], heading.name, { kind, file, section });
    }
  }
  return {
    profiles: sections.profile,
    ssoSessions: sections['sso-session'],
    services: sections.services,
    diagnostics,
  };
};

type SectionType = 'profile' | 'sso-session' | 'services';
type SectionMaps = Record<SectionType, Map<string, AwsSection>>;

/** A section that counts, or one that does not with what to say of it, if anything. */
type Heading = { readonly type: SectionType; readonly name: string } | { readonly ignored: string | null };

const shadowedDefault =
  '"[default]" is ignored because "[profile default]" stands here too, but the AWS CLI takes the last of the two; keep one';

const isDefault = (heading: Heading): boolean =>
  'type' in heading && heading.type === 'profile' && heading.name === 'default';

const headingOf = (kind: AwsFileKind, header: string): Heading => {
  if (header === 'DEFAULT') {
    return { ignored: '"[DEFAULT]" is ignored, but the AWS CLI copies its keys into every section; write "[default]"' };
  }
  if (header === 'default') return { type: 'profile', name: 'default' };
  return kind === 'config' ? configHeading(header) : credentialsHeading(header);
};

const configHeading = (header: string): Heading => {
  const [type, name, ...others] = shellWords(header) ?? [];
  if (type === 'profile' || type === 'sso-session' || type === 'services') {
    if (name !== undefined && name !== '' && others.length === 0) return { type, name };
    const rest = header.slice(type.length).trim();
    return { ignored: `"[${header}]" is ignored; write a name with spaces in quotes, as in [${type} "${rest}"]` };
  }
  if (type === 'preview' || type === 'plugins') return { ignored: null };
  return { ignored: `"[${header}]" is ignored; a profile is written [profile name], a session [sso-session name]` };
};

/** Section names are profile names here, quotes and all. */
const credentialsHeading = (header: string): Heading => {
  const prefixed = /^(profile|sso-session|services)\s+(.*)$/.exec(header);
  if (prefixed === null)
    return header === '' ? { ignored: '"[]" is ignored; name it' } : { type: 'profile', name: header };
  if (prefixed[1] === 'profile') {
    return { ignored: `"[${header}]" is ignored; in this file a profile is written [${prefixed[2]}]` };
  }
  return { ignored: `"[${header}]" is ignored; it belongs in the config file` };
};

interface Found {
  readonly kind: AwsFileKind;
  readonly file: string;
  readonly section: IniSection;
}

const merge = (into: Map<string, AwsSection>, name: string, { kind, file, section }: Found): void => {
  const earlier = into.get(name);
  const keys = new Map(earlier?.keys);
  for (const [key, value] of section.keys) keys.set(key, { ...value, file, source: kind });
  into.set(name, { name, file: earlier?.file ?? file, line: earlier?.line ?? section.line, keys });
};

const warning = (file: string, section: IniSection, message: string): Diagnostic => ({
  severity: 'warning',
  file,
  line: section.line,
  key: section.header,
  message,
});
