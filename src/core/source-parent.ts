/** The profile that another one's role is assumed from: upstream is asked with its credentials. */
import { type Failure, failure, toFailure } from './failure.ts';
import type { LeaseEvent } from './lease-events.ts';
import type { Child, LeaseParent, ParentEvent } from './lease-parent.ts';
import type { LeaseRunner } from './lease-runner.ts';
import type { SessionAccess } from './lease-state.ts';
import { type Credentials, epoch } from './types.ts';
import type { UpstreamGate } from './upstream-gate.ts';

interface SourceParentOptions {
  readonly lease: LeaseRunner;
  /** As the user knows upstream, for messages. */
  readonly who: string;
  readonly gate: UpstreamGate;
  /** How long the source may take; milliseconds. */
  readonly holdMs: () => number;
}

export class SourceParent implements LeaseParent {
  readonly who: string;
  readonly gate: UpstreamGate;
  readonly #lease: LeaseRunner;
  readonly #holdMs: () => number;
  readonly #children = new Set<Child>();
  #asking = false;
  #refused: Failure | null = null;
  /** The generation that upstream refused, while a newer one is fetched. */
  #suspect: number | null = null;
  /** What came after a refusal: refused again, it is not the source that is at fault. */
  #renewed: number | null = null;

  constructor({ lease, who, gate, holdMs }: SourceParentOptions) {
    this.who = who;
    this.gate = gate;
    this.#lease = lease;
    this.#holdMs = holdMs;
    // When the source's identity is gone, nothing that was made of it may be served.
    lease.onDrop((event) => this.#tell(event));
  }

  attach(child: Child): void {
    this.#children.add(child);
  }

  detach(child: Child): void {
    this.#children.delete(child);
  }

  access(): SessionAccess {
    const held = this.#lease.held();
    if (held && held.generation !== this.#suspect) return { type: 'ready', generation: held.generation };
    const { name } = this.#lease.settings;
    const inMotion = failure('Renewing', `Profile "${name}" is being renewed first; ask again`);
    if (this.#asking) return { type: 'pending', failure: inMotion };
    return { type: 'refused', failure: this.#refused ?? inMotion, retryAt: null };
  }

  record(): null {
    return null;
  }

  source(): Credentials | null {
    const held = this.#lease.held();
    if (!held) return null;
    const {
      AccessKeyId,
      SecretAccessKey,
      SessionToken,
      AccountId = null,
    } = JSON.parse(new TextDecoder().decode(held.process));
    return {
      ...{ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      ...{ expiresAt: epoch(held.expiresAt), accountId: AccountId, roleArn: null, transaction: null },
    };
  }

  shown(): ReturnType<LeaseParent['shown']> {
    return this.#lease.parent.shown();
  }

  dispatch(event: ParentEvent): void {
    switch (event.type) {
      case 'used':
        return this.#lease.use();
      case 'demand':
        this.#lease.use();
        return this.access().type === 'refused' ? this.#ask((options) => this.#lease.get(options)) : undefined;
      case 'unauthorized':
        return this.#refusedSource(event.generation);
      case 'accepted':
        return undefined;
    }
  }

  #refusedSource(generation: number): void {
    if (this.#asking || this.#lease.held()?.generation !== generation) return;
    if (this.#renewed === generation) return this.#tell({ type: 'judged', generation, good: true });
    this.#suspect = generation;
    this.#ask(async (options) => {
      const { generation: newer } = await this.#lease.renew(options);
      this.#renewed = newer;
      return newer;
    });
  }

  #ask(ask: (options: { readonly holdMs: number; readonly signal: AbortSignal }) => Promise<unknown>): void {
    this.#asking = true;
    this.#refused = null;
    ask({ holdMs: this.#holdMs(), signal: new AbortController().signal })
      .catch((thrown: unknown) => {
        this.#refused = toFailure(thrown);
      })
      .finally(() => {
        this.#asking = false;
        const suspect = this.#suspect;
        this.#suspect = null;
        // Nothing newer came: what was refused proves nothing yet.
        if (this.#refused && suspect !== null) this.#tell({ type: 'judged', generation: suspect, good: false });
        this.#tell({ type: 'session' });
      });
  }

  #tell(event: LeaseEvent): void {
    for (const child of this.#children) child.dispatch(event);
  }
}
