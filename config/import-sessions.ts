/** Which session a tenant of another tool becomes: one that is there already, or a new one under a name that is free. */
import { parseTenant } from '../src/core/britive-tenant.ts';
import { addressOf } from '../src/core/session-address.ts';
import type { SessionSettings } from '../src/core/settings.ts';
import type { Conflict, ImportedSession, Planned } from './import-britive.ts';

interface Known {
  readonly name: string;
  readonly idp: string | null;
  /** Null for one that is to be added. */
  readonly place: string | null;
}

export class SessionPlan {
  readonly planned = new Map<string, Planned<ImportedSession>>();
  readonly conflicts: Conflict[] = [];
  readonly notes: string[] = [];
  readonly present = new Set<string>();
  readonly #current: ReadonlyMap<string, SessionSettings>;

  constructor(current: ReadonlyMap<string, SessionSettings>) {
    this.#current = current;
  }

  /** Plans what is needed and answers with the name of the session. */
  nameFor(name: string, session: Planned<ImportedSession>): string {
    const match = best(this.#sessionsOf(session.value.tenant), name, session.value.idp ?? null);
    if (match === undefined) return this.#add(name, session);
    this.#compare(match, name, session);
    return match.name;
  }

  #add(name: string, session: Planned<ImportedSession>): string {
    const { tenant } = session.value;
    const free = this.#freeName([name, tenant, `${tenant}-britive`]);
    const other = this.#current.get(name);
    if (other !== undefined) {
      const what = addressOf(other);
      const place = `${other.origin.file}:${other.origin.line}`;
      this.notes.push(`Session "${name}" is ${what} (${place}), so the tenant "${tenant}" becomes session "${free}"`);
    }
    this.planned.set(free, session);
    return free;
  }

  #freeName(names: readonly string[]): string {
    const isTaken = (name: string): boolean => this.#current.has(name) || this.planned.has(name);
    const last = names.at(-1) ?? '';
    let free = names.find((name) => !isTaken(name)) ?? last;
    for (let number = 2; isTaken(free); number++) free = `${last}-${number}`;
    return free;
  }

  #compare(match: Known, name: string, { value, from }: Planned<ImportedSession>): void {
    const { idp } = value;
    const planned = this.planned.get(match.name);
    if (planned !== undefined && idp !== undefined && match.idp === null) {
      this.planned.set(match.name, { ...planned, value: { ...planned.value, idp } });
    } else if (idp !== undefined && idp !== match.idp) {
      const kept = match.idp === null ? 'no idp' : `idp "${match.idp}"`;
      const place = match.place === null ? '' : ` (${match.place})`;
      this.conflicts.push({ kind: 'session', name: match.name, kept: `${kept}${place}`, left: `idp "${idp}"`, from });
    } else if (planned === undefined) {
      this.present.add(match.name);
    }
    if (match.name !== name) this.notes.push(`${from}'s tenant "${name}" is the session "${match.name}"`);
  }

  /** Those that people sign in to: a workload's session is another identity. */
  #sessionsOf(tenant: string): readonly Known[] {
    const address = parseTenant(tenant);
    const current = [...this.#current.values()].flatMap((session) =>
      session.provider === 'britive' &&
      session.federation === null &&
      address.type === 'ok' &&
      session.baseUrl === address.baseUrl
        ? [{ name: session.name, idp: session.idp, place: `${session.origin.file}:${session.origin.line}` }]
        : [],
    );
    const planned = [...this.planned].flatMap(([name, { value }]) =>
      value.tenant === tenant ? [{ name, idp: value.idp ?? null, place: null }] : [],
    );
    return [...current, ...planned];
  }
}

/** The one of that name, of that identity provider, or of none in particular. */
const best = (sessions: readonly Known[], name: string, idp: string | null): Known | undefined =>
  sessions.find((session) => session.name === name) ??
  sessions.find((session) => session.idp === idp) ??
  sessions.find((session) => session.idp === null || idp === null);
