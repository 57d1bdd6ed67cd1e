import { hourSeconds, secondsOf } from './parts.ts';

interface Asked {
  /** The profile's. */
  readonly name: string;
  readonly durationMs: number | null;
}

/** How long a role's sessions may be, as far as it has shown; says once what is shorter than the settings ask. */
export class SessionLength {
  readonly #asked: Asked;
  readonly #warn: (message: string) => void;
  #isHourAtMost = false;
  #warned = false;

  constructor(asked: Asked, warn: (message: string) => void) {
    this.#asked = asked;
    this.#warn = warn;
  }

  /** Seconds. Whoever is temporary itself gets an hour: AWS calls that role chaining, and refuses more. */
  from(source: { readonly sessionToken: string | null }): number {
    const seconds = secondsOf(this.#asked.durationMs, hourSeconds);
    if (seconds <= hourSeconds) return seconds;
    if (source.sessionToken !== null) return this.#hour('its source is temporary itself');
    return this.#isHourAtMost ? hourSeconds : seconds;
  }

  /** For a web identity, which is no chain. */
  full(): number {
    return this.from({ sessionToken: null });
  }

  /** The role allows no more than an hour; answers with that. */
  shorten(): number {
    this.#isHourAtMost = true;
    return this.#hour('its role allows no longer sessions');
  }

  #hour(because: string): number {
    if (!this.#warned) this.#warn(`Profile "${this.#asked.name}" gets one hour at a time: ${because}`);
    this.#warned = true;
    return hourSeconds;
  }
}
