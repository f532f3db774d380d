import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import {
  byteString,
  compileTemplate,
  type Escape,
  type FindColumn,
  joinTexts,
  type Template,
  type Text,
} from '../../data/template.ts';
import { type BodyFiles, openBodyFiles } from './body-files.ts';
import type { BodyOptions, PartOptions } from './body-schema.ts';
import { formComponent, formPieces } from './form-encoding.ts';
import { dispositionValue, type MultipartPart, multipartContentType, multipartPieces } from './multipart-encoding.ts';

/** Where a body's files and data columns are. */
export interface BodyContext {
  /** Where the body is in the plan, such as `operations.upload.body`. */
  readonly place: string;
  readonly baseDirectory: string;
  readonly findColumn: FindColumn;
}

/** The compiled body of an operation. */
export interface RequestBody {
  readonly text: Text;
  /** What the content is, unless the plan says otherwise. */
  readonly contentType: Text;
  /** No other content type can describe the body. */
  readonly ownsContentType: boolean;
  /** Variables that files use: the plan does not show them. */
  readonly readsInFile: readonly string[];
}

const asIs: Escape = (value) => value;
const inJson: Escape = (value) => JSON.stringify(value).slice(1, -1);

/** @throws {PluginError} when a file cannot be read or holds a wrong template, and whatever `findColumn` throws */
export function compileBody(body: BodyOptions, context: BodyContext): RequestBody {
  const files = openBodyFiles(context);
  const compiled = (text: Text, contentType: Text, ownsContentType = false): RequestBody => ({
    text,
    contentType,
    ownsContentType,
    readsInFile: files.reads,
  });
  if ('multipart' in body) {
    const parts = Object.entries(body.multipart).flatMap(([name, list]) =>
      list.map((part) => compilePart(name, part, files, context)),
    );
    const boundary = boundaryOf(parts);
    return compiled(joinTexts(multipartPieces(parts, boundary)), joinTexts(multipartContentType(boundary)), true);
  }
  if ('form' in body) {
    const fields = Object.entries(body.form).flatMap(([name, list]) =>
      list.map((value) => [formComponent(name), compileForm(value, context)] as const),
    );
    return compiled(joinTexts(formPieces(fields)), 'application/x-www-form-urlencoded');
  }
  if ('file' in body) {
    const text = files.read(context.place, body.file, body.template);
    return compiled(text, body.template ? 'text/plain' : 'application/octet-stream');
  }
  if ('json' in body) return compiled(compileTemplate(body.json, inJson, context.findColumn), 'application/json');
  return compiled(compileTemplate(body.text, asIs, context.findColumn), 'text/plain');
}

function compileForm(value: Template, { findColumn }: BodyContext): Text {
  const encoded = value.map((part) => (typeof part === 'string' ? formComponent(part) : part));
  return compileTemplate(encoded, formComponent, findColumn);
}

function compilePart(name: string, part: PartOptions, files: BodyFiles, context: BodyContext): MultipartPart<Text> {
  const { findColumn, place } = context;
  const filename = part.filename?.map((piece) => (typeof piece === 'string' ? dispositionValue(piece) : piece));
  const named = {
    name: byteString(dispositionValue(name)),
    filename: filename && compileTemplate(filename, dispositionValue, findColumn),
    contentType: part.contentType,
  };
  if ('text' in part) return { ...named, content: compileTemplate(part.text, asIs, findColumn) };
  if ('json' in part) {
    const content = compileTemplate(part.json, inJson, findColumn);
    return { ...named, contentType: part.contentType ?? 'application/json', content };
  }
  const standardType = part.template ? 'text/plain' : 'application/octet-stream';
  return {
    ...named,
    filename: named.filename ?? byteString(dispositionValue(basename(part.file))),
    contentType: part.contentType ?? standardType,
    content: files.read(`${place}.multipart.${name}`, part.file, part.template),
  };
}

/**
 * A boundary that no part contains: it is made from a hash of all of them, and where values are only known later, each
 * request has one of its own. So the same plan sends the same bytes.
 */
function boundaryOf(parts: readonly MultipartPart<Text>[]): Text {
  const hash = createHash('sha256');
  const texts = parts.flatMap(({ name, filename, content }) => [name, filename ?? '', content]);
  for (const text of texts) hash.update(typeof text === 'string' ? text : '', 'latin1').update('\0');
  const digest = hash.digest('hex').slice(0, 32);
  if (texts.every((text) => typeof text === 'string')) return `bench-${digest}`;
  return ({ vu, iteration }) => `bench-${digest}-${vu}-${iteration}`;
}
