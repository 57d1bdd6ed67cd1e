const longest = 120;

/** What a helper said last on standard error, fit to be shown: one line, printable, nothing secret. Empty for silence. */
export const excerptOf = (stderr: string): string => {
  const last = stderr
    .replace(terminalSequence, '')
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu, ' ').trim())
    .findLast((line) => line !== '');
  // Masked before it is cut: a part of a secret would no longer look like one.
  const masked = mask(last ?? '').replaceAll('"', "'");
  const characters = [...masked];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : masked;
};

/** Colours, movements, titles and links (ECMA-48). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const terminalSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

const mask = (line: string): string =>
  line
    .replace(namedSecret, '$1…')
    .replace(/\b(Bearer|Basic|token)\s+[\w.~+/=-]{16,}/gi, '$1 …')
    .replace(/(\w:\/\/)[^\s/@]*@/g, '$1…@')
    .replace(/(\w:\/\/[^\s?#]*)[?#]\S*/g, '$1?…')
    .replace(/\b(?:A3T[A-Z0-9]|A[A-Z]{2}A)[A-Z0-9]{12,}/g, '…')
    .replace(/\beyJ[\w-]+(?:\.[\w-]*)*/g, '…')
    .replace(/[\w+/=.~-]{20,}/g, (run) => (isRandom(run) ? '…' : run));

/** `aws_secret_access_key = …`, `"SessionToken":"…"`, `--password …`. */
const namedSecret =
  /((?:secret|token|passw(?:or)?d|passphrase|passcode|credential|(?:access|api|private)[_-]?key)\w*["']?(?:\s*[=:]\s*["']?))[^\s"',;}]+/gi;

/** Keys and codes have digits among their letters, which are many without a break or of both cases. Names and paths have not. */
const isRandom = (run: string): boolean =>
  /\d/.test(run) && (/[a-z\d]{20,}/i.test(run) || (/[a-z]/.test(run) && /[A-Z]/.test(run)));
