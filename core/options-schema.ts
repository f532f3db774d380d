/** How a plugin checks its options. This is public API. */

/** A Standard Schema (https://standardschema.dev): zod, valibot, arktype and others make them. */
export interface OptionsSchema<Options> {
  /**
   * What the standard asks for. `validate` gives the options as the plugin gets them, or what is wrong with them, and it may be
   * async. Called in each process that loads the plan: where it is started, in control and in each agent. It may take 10 s.
   */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Options> | Promise<SchemaResult<Options>>;
  };
}

/** What checking options came to: their value with defaults filled in, or all that is wrong with them. */
export type SchemaResult<Options> =
  | { readonly value: Options; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with options. */
export interface SchemaIssue {
  /** One sentence, which the person reads who wrote the plan. */
  readonly message: string;
  /** Where in the options, from the outside in; absent for the options as a whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
