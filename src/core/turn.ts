/** One step of a machine while it is being worked out: from the outside a pure function, inside a state to move on from. */
export class Turn<State, Effect, Env> {
  readonly env: Env;
  readonly effects: Effect[] = [];
  #state: State;

  constructor(state: State, env: Env) {
    this.#state = state;
    this.env = env;
  }

  get state(): State {
    return this.#state;
  }

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
  }

  emit(effect: Effect): void {
    this.effects.push(effect);
  }

  end(): Step<State, Effect> {
    return { state: this.#state, effects: this.effects };
  }
}

export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}
