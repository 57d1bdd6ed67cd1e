/** Where the consoles of AWS are, and who may send a person there. */
interface Console {
  /** `{region}.` comes before each outside the first region, and everywhere where there is none. */
  readonly signin: string;
  readonly home: string;
  readonly firstRegion: string | null;
}

/** First match wins. The isolated partitions' consoles are not public. */
const consoles: readonly (readonly [RegExp, Console])[] = [
  [/^cn-/, named('amazonaws.cn', 'cn-north-1')],
  [/^us-gov-/, named('amazonaws-us-gov.com', 'us-gov-west-1')],
  [/^eusc-/, named('amazonaws-eusc.eu', null)],
  [/^(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/, named('aws.amazon.com', 'us-east-1')],
];

function named(domain: string, firstRegion: string | null): Console {
  const host = (service: string): string => `${service}.${domain}`;
  return { signin: host('signin'), home: host('console'), firstRegion };
}

/** Null where no console is known. */
const consoleOf = (region: string): Console | null => consoles.find(([pattern]) => pattern.test(region))?.[1] ?? null;

const hostIn = (host: string, { firstRegion }: Console, region: string): string =>
  region === firstRegion ? host : `${region}.${host}`;

/** Without a path. */
export const federationOrigin = (region: string): string | null => {
  const found = consoleOf(region);
  return found && `https://${hostIn(found.signin, found, region)}`;
};

/** A service's page, such as `s3`, or an address of the same console; null for what is neither. */
export const destinationUrl = (region: string, wanted: string | null): string | null => {
  const found = consoleOf(region);
  if (found === null) return null;
  if (wanted === null || /^[a-z0-9-]+$/.test(wanted)) {
    return `https://${hostIn(found.home, found, region)}/${wanted ?? 'console'}/home?region=${region}`;
  }
  // The session is handed to whoever is named here.
  const domain = found.home.slice('console'.length);
  const url = URL.canParse(wanted) ? new URL(wanted) : null;
  return url?.protocol === 'https:' && url.hostname.endsWith(domain) && url.port === '' ? url.href : null;
};
