import { z } from 'zod';

const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => (value == null ? '' : String(value)));
const pair = z.object({ key: text, value: text, disabled: z.boolean().nullish() });
const pairs = z.array(pair).nullish();

/** Its parameters are a list in version 2.1, and a map in 2.0. */
const auth = z
  .looseObject({ type: z.string() })
  .nullish()
  .transform((given) => {
    if (given == null) return undefined;
    const of = given[given.type];
    const listed =
      pairs.safeParse(of).data ?? Object.entries(of ?? {}).map(([key, value]) => ({ key, value: String(value) }));
    return { type: given.type, fields: new Map(listed.map(({ key, value }) => [key, value])) };
  });

/** Parts of an address: a text, or a list of texts, of which those of a path may be variables with a value. */
const parts = (separator: string) =>
  z
    .union([text, z.array(z.union([text, z.object({ value: text }).transform(({ value }) => value)]))])
    .transform((given) => [given].flat().join(separator));

/** Programs that make collections leave `raw` out, and give only the parts of an address. */
const url = z
  .union([
    z.string(),
    z.object({
      raw: text,
      protocol: text,
      host: parts('.'),
      port: text,
      path: parts('/'),
      query: z.array(z.object({ key: text, value: z.string().nullish(), disabled: z.boolean().nullish() })).nullish(),
      variable: pairs,
    }),
  ])
  .transform((given) => {
    if (typeof given === 'string') return { raw: given, variable: undefined };
    const { raw, protocol, host, port, path, query, variable } = given;
    if (raw !== '' || host === '') return { raw, variable };
    const queries = (query ?? []).filter(({ disabled }) => !disabled);
    const written = queries.map(({ key, value }) => (value == null ? key : `${key}=${value}`)).join('&');
    const place = `${protocol === '' ? '' : `${protocol}://`}${host}${port === '' ? '' : `:${port}`}`;
    return { raw: `${place}/${path.replace(/^\//, '')}${written === '' ? '' : `?${written}`}`, variable };
  });

const events = z
  .array(z.object({ script: z.object({ exec: z.union([z.string(), z.array(z.string())]).nullish() }).nullish() }))
  .nullish()
  .transform((all) => (all ?? []).map(({ script }) => [script?.exec ?? []].flat().join('\n')))
  .transform((scripts) => scripts.filter((script) => script.trim() !== ''));

const file = z.union([z.string(), z.array(z.string())]).nullish();

const request = z.object({
  method: z
    .string()
    .regex(/^[A-Za-z][A-Za-z-]{0,30}$/, { error: 'is not a method of HTTP' })
    .default('GET'),
  url: url.optional(),
  header: z.union([z.string(), pairs]),
  body: z
    .object({
      mode: z.string().nullish(),
      raw: z.string().nullish(),
      urlencoded: pairs,
      formdata: z.array(pair.extend({ src: file, contentType: z.string().nullish() })).nullish(),
      file: z.object({ src: file }).nullish(),
      graphql: z.object({ query: text, variables: text }).nullish(),
      options: z.object({ raw: z.object({ language: text }).nullish() }).nullish(),
      disabled: z.boolean().nullish(),
    })
    .nullish(),
  auth,
});

export type PostmanRequest = z.output<typeof request>;
export type PostmanPairs = z.output<typeof pairs>;

/** A request, or a folder. */
export interface PostmanItem {
  readonly name: string;
  readonly request?: PostmanRequest | undefined;
  readonly item?: readonly PostmanItem[] | undefined;
  /** Texts of its scripts. */
  readonly event: readonly string[];
  readonly auth: PostmanRequest['auth'];
}

const item: z.ZodType<PostmanItem> = z.object({
  name: z.string().default(''),
  request: z.union([z.string().transform((raw) => request.parse({ url: raw })), request]).optional(),
  item: z.lazy(() => z.array(item)).optional(),
  event: events,
  auth,
});

/** What a plan is made of in a collection of Postman, version 2.0 or 2.1: https://schema.postman.com. */
export const collectionSchema = z.object({
  info: z.object({ name: z.string().default('Collection') }),
  item: z.array(item),
  variable: z.array(pair).nullish(),
  event: events,
  auth,
});
