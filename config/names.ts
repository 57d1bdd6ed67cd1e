/** Every client takes such a part of a URL away, percent-encoded or not (RFC 3986 section 5.2.4): nobody could ask for it. */
export const isDots = (name: string): boolean => name === '.' || name === '..';
