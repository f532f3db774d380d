const REFERENCE = /\$\{env:([^{}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A text that refers to the environment and cannot be made; the message is one sentence. */
export class EnvironmentTextError extends Error {
  override readonly name = 'EnvironmentTextError';
}

/** Variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts the values of environment variables in the place of `${env:NAME}`: a plan keeps the reference, which may be
 * stored and printed, and only who uses the text sees the value.
 * @throws {EnvironmentTextError} naming the variable that is not set
 */
export function withEnvironment(text: string, environment: Environment): string {
  return text.replaceAll(REFERENCE, (_, raw: string) => {
    const name = raw.trim();
    if (!NAME.test(name)) throw new EnvironmentTextError(`\${env:${raw}} does not name an environment variable`);
    const value = environment[name];
    if (value === undefined) {
      throw new EnvironmentTextError(
        `\${env:${name}} has no value: set the variable ${name} where bench runs, for control and for agents`,
      );
    }
    return value;
  });
}

/** Whether the text is nothing but references: it holds no secret itself. */
export function isReference(text: string): boolean {
  return text.replaceAll(REFERENCE, '') === '' && text !== '';
}
