/** A token goes to the configured origin and nowhere else. */

/** The path of a link that an answer names, as a call takes it; null for one that leads elsewhere. */
export const pathWithin = (baseUrl: string, link: string): string | null => {
  const href = URL.canParse(link, baseUrl) ? new URL(link, baseUrl).href : '';
  return href.startsWith(`${baseUrl}/`) ? href.slice(baseUrl.length) : null;
};
