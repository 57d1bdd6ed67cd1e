import { addressOf } from './session-address.ts';
import type { SessionSettings } from './settings.ts';
import { type GateOptions, UpstreamGate } from './upstream-gate.ts';

/** Sessions at the same place share the calls that it allows. */
export class UpstreamGates {
  readonly #options: GateOptions;
  readonly #gates = new Map<string, UpstreamGate>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  of(session: SessionSettings): UpstreamGate {
    const address = addressOf(session);
    return this.at(session.provider === 'aws-sso' ? `${address} ${session.region}` : address);
  }

  /** Of upstreams that need no session. */
  at(place: string): UpstreamGate {
    const gate = this.#gates.get(place) ?? new UpstreamGate(this.#options);
    this.#gates.set(place, gate);
    return gate;
  }
}
