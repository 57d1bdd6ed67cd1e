/** What an import says to people and to scripts. */
import type { Conflict } from '../../config/import-britive.ts';
import type { ImportPlan } from '../../config/import-plan.ts';
import type { Search } from './import-files.ts';
import { shellWord } from './shell-text.ts';
import { columns, counted, printable } from './text.ts';

export const foundLines = ({ sources }: Search): string[] =>
  sources.flatMap(({ imported, files, others }) => [
    `Found ${imported.tool}: ${files.map((file) => `"${file}"`).join(' and ')}`,
    ...others.map((file) => `  not read, for the one above counts: "${file}"`),
  ]);

/** Tables of what would be added, then what would not be and why. */
export const planLines = (plan: ImportPlan, file: string): string[] => [
  ...additions(plan, file),
  ...headed('What is different here:', plan.notes),
  ...headed(
    `Kept as they are; to have both, add these to "${file}" by another name:`,
    plan.conflicts.map(conflictText),
  ),
  '',
];

function additions(plan: ImportPlan, file: string): string[] {
  const present = plan.present.sessions + plan.present.profiles > 0;
  const already = present ? [`Already there: ${amount(plan.present.sessions, plan.present.profiles)}`] : [];
  if (plan.sessions.size + plan.profiles.size === 0) return already;
  const sessions = [...plan.sessions].map(([name, { value, from }]) => [name, value.tenant, value.idp ?? '', from]);
  const profiles = [...plan.profiles].map(([name, { value, from }]) => [
    name,
    value.session,
    value.profile,
    value.region ?? '',
    from,
  ]);
  return [
    ...already,
    ...headed(`For "${file}":`, [
      ...tabled(['SESSION', 'TENANT', 'IDP', 'FROM'], sessions),
      ...(sessions.length > 0 && profiles.length > 0 ? [''] : []),
      ...tabled(['PROFILE', 'SESSION', 'PATH', 'REGION', 'FROM'], profiles),
    ]),
  ];
}

/** A column that is empty but for its head is left out. */
function tabled(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const shown = rows.map((row) => row.map(printable));
  return columns([head.map((title, at) => (shown.some((row) => row[at] !== '') ? title : '')), ...shown]);
}

const headed = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => (line === '' ? '' : `  ${line}`))];

const conflictText = ({ kind, name, kept, left, from }: Conflict): string =>
  `${kind} "${name}" is ${kept}; ${from} has ${left}`;

export const amountOf = ({ sessions, profiles }: ImportPlan): string => amount(sessions.size, profiles.size);

const amount = (sessions: number, profiles: number): string =>
  [
    ...(sessions === 0 ? [] : [counted(sessions, 'session')]),
    ...(profiles === 0 ? [] : [counted(profiles, 'profile')]),
  ].join(' and ');

/** The next step comes last. */
export const nextLines = ({ signIns }: ImportPlan): string[] =>
  signIns.length === 0
    ? ['Run: credbroker profiles']
    : [
        'Sign-ins are not taken over: sign in once, in the browser or with an API token (--token)',
        ...signIns.map(
          ({ session, byToken }) => `Run: credbroker login ${shellWord(session)}${byToken ? ' --token' : ''}`,
        ),
      ];

interface Outcome {
  readonly search: Search;
  readonly plan: ImportPlan;
  readonly file: string;
  readonly written: boolean;
}

export const importJson = ({ search, plan, file, written }: Outcome) => ({
  config: file,
  written,
  found: search.sources.map(({ imported, files, others }) => ({ tool: imported.tool, files, notRead: others })),
  sessions: valuesOf(plan.sessions),
  profiles: valuesOf(plan.profiles),
  present: plan.present,
  conflicts: plan.conflicts,
  notes: plan.notes,
  signIns: plan.signIns,
});

const valuesOf = <T>(planned: ReadonlyMap<string, { readonly value: T }>): Readonly<Record<string, T>> =>
  Object.fromEntries([...planned].map(([name, { value }]) => [name, value]));
