/** `user@host` with the characters that the name of a role session may have, of which it has 2 to 64. */
export const sessionNameOf = ({ user, host }: { readonly user: string; readonly host: string }): string => {
  const name = `${sanitised(user)}@${sanitised(host)}`.slice(0, 64);
  return name === '@' ? 'credbroker' : name;
};

const sanitised = (text: string): string => text.replaceAll(/[^\w+=,.@-]+/g, '-');
