/** Reads the list of common passwords (some 49,000, lower case) when it is first needed, and keeps it. */
export function lazyCommonPasswords(): () => Promise<(lowerCase: string) => boolean> {
  let list: Promise<ReadonlySet<string>> | undefined;
  const read = async (): Promise<ReadonlySet<string>> => {
    const { dictionary } = await import('@zxcvbn-ts/language-common');
    return new Set(dictionary['passwords-common']);
  };
  return async () => {
    const known = await (list ??= read());
    return (lowerCase) => known.has(lowerCase);
  };
}
