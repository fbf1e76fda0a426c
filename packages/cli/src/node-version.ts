/** The oldest Node that the server runs on. */
const oldest = [22, 12] as const;

/** Says what is wrong with a version such as `v20.11.0`; `undefined` if it will do. */
export function complaintAboutNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return undefined;
  return `this is Node ${version}, and Latchkey needs ${oldest.join('.')} or newer. Install the current LTS from https://nodejs.org, or choose it with your version manager.`;
}
