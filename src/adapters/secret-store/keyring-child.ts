/**
 * The program of the child process that speaks to the system's keychain. Its text is run by `node -e`, in a bundle as
 * from source: it may use nothing but its parameters and Node's globals. The library is called asynchronously so that
 * the child still notices its deadline and its parent's end; both end it with SIGKILL, because a pending keychain call
 * keeps `process.exit` from ever returning.
 */
import type { AsyncEntry } from '@napi-rs/keyring';

/** On standard input, so that no secret stands in the arguments or the environment. */
export interface KeyringRequest {
  /** Path of the `@napi-rs/keyring` module. */
  readonly library: string;
  readonly action: 'read' | 'write';
  readonly service: string;
  readonly account: string;
  /** What to write, empty otherwise. */
  readonly secret: string;
  readonly deadlineMs: number;
}

/** One line on standard output. `secret` is null where the keychain says there is none. */
export type KeyringAnswer =
  | { readonly type: 'done'; readonly secret: string | null }
  | { readonly type: 'failed'; readonly detail: string };

interface KeyringLibrary {
  readonly AsyncEntry: typeof AsyncEntry;
}

export const keyringChild = (load: (path: string) => KeyringLibrary): void => {
  const end = (): unknown => process.kill(process.pid, 'SIGKILL');
  const perform = async (request: KeyringRequest): Promise<string | null> => {
    // Unpinned, Linux silently falls back to the kernel's keyring, which forgets everything at the next boot.
    const options = process.platform === 'linux' ? { linux: { store: 'secret-service' as const } } : null;
    const entry = new (load(request.library).AsyncEntry)(request.service, request.account, options);
    if (request.action === 'write') await entry.setPassword(request.secret);
    return entry.getPassword();
  };
  const answer = (line: unknown): unknown => process.stdout.write(`${JSON.stringify(line)}\n`);
  let input = '';
  process.stdin.setEncoding('utf8').on('end', end);
  process.stdin.on('data', (chunk: string) => {
    input += chunk;
    if (!input.endsWith('\n')) return;
    const request: KeyringRequest = JSON.parse(input);
    setTimeout(end, request.deadlineMs);
    perform(request).then(
      (secret) => answer({ type: 'done', secret: secret ?? null }),
      (cause: unknown) => answer({ type: 'failed', detail: cause instanceof Error ? cause.message : String(cause) }),
    );
  });
};
