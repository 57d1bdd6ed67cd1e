/** What a person sees of a command line tool's sign-in. */
import { type Answer, type Call, type Handler, seeOther } from '../call.ts';
import type { Knobs } from '../knobs.ts';
import { decisionForm, messagePage, page } from '../pages.ts';
import { escapeXml } from '../xml.ts';
import { blockedByFirewall } from './errors.ts';
import type { TenantKnobs } from './knobs.ts';
import type { Login, Logins } from './logins.ts';

export interface LoginPageParts {
  readonly logins: Logins;
  readonly knobs: TenantKnobs;
  readonly people: Pick<Knobs, 'autoApprove' | 'userName'>;
}

/** `GET /login?token=…`: with the tenant's own password. */
export const showLogin =
  (parts: LoginPageParts): Handler =>
  (call) =>
    opened(parts, call, parts.people.userName);

/** `GET /sso?idp=…&token=…`: through an identity provider. */
export const showSso =
  (parts: LoginPageParts): Handler =>
  (call) => {
    const idp = call.query.get('idp') ?? '';
    if (!parts.knobs.identityProviders.includes(idp)) {
      return messagePage(400, 'Unknown identity provider', `This tenant does not know "${idp}".`);
    }
    return opened(parts, call, idp.includes('SAML') ? `SAML_${parts.people.userName}` : parts.people.userName);
  };

function opened(parts: LoginPageParts, call: Call, userName: string): Answer {
  const challenge = call.query.get('token') ?? '';
  if (challenge.includes('--')) return blockedByFirewall(400);
  if (!/^[\w-]{86}$/.test(challenge)) {
    return messagePage(400, 'Not a sign-in', 'The address lacks the token of a command line tool.');
  }
  const login = parts.logins.open(challenge, userName);
  if (!parts.logins.waiting().includes(login)) return nothingToDecide;
  return parts.people.autoApprove ? decided(parts.logins, login, true) : loginPage(login);
}

/** The form's answer. */
export const decideLogin =
  ({ logins }: LoginPageParts): Handler =>
  (call) => {
    const form = new URLSearchParams(call.body);
    const login = logins.waiting().find(({ challenge }) => challenge === form.get('token'));
    return login === undefined ? nothingToDecide : decided(logins, login, form.get('decision') === 'allow');
  };

export const cliReady: Handler = () =>
  messagePage(200, 'CLI is ready', 'You are signed in. You can close this window.');

function decided(logins: Logins, login: Login, allow: boolean): Answer {
  logins.decide(login, allow);
  return allow
    ? seeOther('/cli')
    : messagePage(200, 'Request denied', 'Nobody is signed in. You can close this window.');
}

const nothingToDecide = messagePage(404, 'Nothing to decide', 'This sign-in was answered already, or waited too long.');

const loginPage = ({ challenge, userName }: Login): Answer =>
  page(
    200,
    'Sign in to the command line?',
    `<p>You are signed in as ${escapeXml(userName)}. A command line tool waits for you.</p>
${decisionForm('/login', 'token', challenge)}`,
  );
