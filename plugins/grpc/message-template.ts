import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Registry,
  ScalarType,
} from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { shown } from '../../core/plan/messages.ts';
import type { SchemaIssue } from '../../core/plugin.ts';
import { nearest } from '../../core/text/nearest.ts';
import { isNumeric, parseTemplate, type Template } from '../data/template.ts';
import { listed } from './listed.ts';

/** What a plan says about a message, turned into what its method takes. */
export interface MessageTemplate {
  /** JSON of the fields that are always the same; undefined where the message cannot be taken apart. */
  readonly fixed: JsonValue | undefined;
  /** Template of the JSON of the other fields; undefined when there are none. */
  readonly varying: Template | undefined;
  readonly problems: readonly SchemaIssue[];
}

type Part = Template[number];
type Path = readonly (string | number)[];

/** What a value of these types looks like in JSON (https://protobuf.dev/programming-guides/json). */
const WORDS: Partial<Readonly<Record<ScalarType, string>>> = {
  [ScalarType.BOOL]: 'true or false',
  [ScalarType.STRING]: 'text',
  [ScalarType.BYTES]: 'bytes in base64',
  [ScalarType.DOUBLE]: 'a number',
  [ScalarType.FLOAT]: 'a number of 32 bits',
};

/** Messages with a JSON form of their own, where there are no fields to look at. */
const OWN_FORM = /^google\.protobuf\.(?:Any|Duration|FieldMask|ListValue|Struct|Timestamp|Value)$/;
const WRAPPER = /^google\.protobuf\.(?:Bool|Bytes|Double|Float|Int32|Int64|String|UInt32|UInt64)Value$/;

/**
 * @param value as the plan has it
 * @param path of the value in the driver's options
 */
export function messageTemplate(type: DescMessage, value: unknown, path: Path, registry: Registry): MessageTemplate {
  return new MessageReader(registry).read(type, value, path);
}

/** The templates in the texts of a message, whatever its type. @returns what is wrong with one, and where */
export function templatesIn(value: unknown, path: Path = []): { templates: Template[]; problems: SchemaIssue[] } {
  const templates: Template[] = [];
  const problems: SchemaIssue[] = [];
  const look = (one: unknown, path: Path) => {
    if (typeof one === 'string') {
      const template = parseTemplate(one);
      if (typeof template === 'string') problems.push({ path, message: template });
      else templates.push(template);
    } else if (Array.isArray(one)) {
      for (const [i, element] of one.entries()) look(element, [...path, i]);
    } else if (typeof one === 'object' && one !== null) {
      for (const [key, entry] of Object.entries(one)) look(entry, [...path, key]);
    }
  };
  look(value, path);
  return { templates, problems };
}

class MessageReader {
  readonly #registry: Registry;
  readonly #problems: SchemaIssue[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  read(type: DescMessage, value: unknown, path: Path): MessageTemplate {
    const isWhole = hasOwnForm(type) || WRAPPER.test(type.typeName) || type.fields.some(isRequired) || !isMap(value);
    if (isWhole) {
      const parts = this.#message(type, value, path);
      const problems = this.#problems;
      if (parts.every(isText)) return { fixed: JSON.parse(parts.join('')), varying: undefined, problems };
      return { fixed: undefined, varying: parts, problems };
    }
    const fixed: string[] = [];
    const varying: Part[] = [];
    for (const parts of this.#fields(type, value, path)) {
      if (parts.every(isText)) fixed.push(parts.join(''));
      else varying.push(varying.length === 0 ? '{' : ',', ...parts);
    }
    return {
      fixed: JSON.parse(`{${fixed.join(',')}}`),
      varying: varying.length === 0 ? undefined : [...varying, '}'],
      problems: this.#problems,
    };
  }

  #problem(path: Path, message: string): readonly Part[] {
    this.#problems.push({ path: [...path], message });
    return ['null'];
  }

  #message(type: DescMessage, value: unknown, path: Path): readonly Part[] {
    if (WRAPPER.test(type.typeName) && value !== null) return this.#single(type.fields[0] as DescField, value, path);
    if (hasOwnForm(type)) return this.#ownForm(type, value, path);
    if (!isMap(value))
      return this.#problem(path, `must be a map with the fields of ${type.typeName}, not ${shown(value)}`);
    return joined('{', this.#fields(type, value, path), '}');
  }

  /** Each with its name. */
  #fields(type: DescMessage, value: object, path: Path): (readonly Part[])[] {
    const chosen = new Map<string, string>();
    return Object.entries(value).flatMap(([key, entry]) => {
      const field = type.fields.find(({ name, jsonName }) => name === key || jsonName === key);
      const at = [...path, key];
      if (field === undefined) {
        this.#problem(at, unknownField(type, key));
        return [];
      }
      const other = chosen.get(field.oneof?.name ?? field.name);
      chosen.set(field.oneof?.name ?? field.name, key);
      if (other !== undefined) {
        this.#problem(at, `${other} is set too, and only one of ${field.oneof?.name ?? field.name} can be`);
      }
      return [[`${JSON.stringify(field.jsonName)}:`, ...this.#field(field, entry, at)]];
    });
  }

  #field(field: DescField, value: unknown, path: Path): readonly Part[] {
    if (value === null && field.message?.typeName !== 'google.protobuf.Value') return ['null'];
    if (field.fieldKind === 'list') {
      if (!Array.isArray(value)) return this.#problem(path, `must be a list, not ${shown(value)}`);
      const elements = value.map((one, i) => this.#single(field, one, [...path, i]));
      return joined('[', elements, ']');
    }
    if (field.fieldKind === 'map') {
      if (!isMap(value)) return this.#problem(path, `must be a map, not ${shown(value)}`);
      const entries = Object.entries(value).map(([key, one]) => {
        return [`${JSON.stringify(key)}:`, ...this.#single(field, one, [...path, key])];
      });
      if (entries.length > 0) this.#checkKeys(field, Object.keys(value), path);
      return joined('{', entries, '}');
    }
    return this.#single(field, value, path);
  }

  /** A value, or one of those in a list or a map. */
  #single(field: DescField, value: unknown, path: Path): readonly Part[] {
    if (field.message !== undefined) return this.#message(field.message, value, path);
    const isBool = field.scalar === ScalarType.BOOL;
    if (typeof value === 'string') {
      const template = parseTemplate(value);
      if (typeof template === 'string') return this.#problem(path, template);
      if (!template.every(isText)) {
        const [first] = template;
        if (isBool || (field.enum && template.length === 1 && isNumeric(first))) return template;
        return quoted(template);
      }
      return this.#plain(field, template.join(''), path);
    }
    return this.#plain(field, value, path);
  }

  /** A value without placeholders. */
  #plain(field: DescField, value: unknown, path: Path): readonly Part[] {
    const json = typeof value === 'bigint' ? String(value) : value;
    const isRight = field.enum === undefined ? this.#fits(field, json) : isOf(field.enum, json);
    if (isRight) return [JSON.stringify(json)];
    return this.#problem(path, `must be ${inWords(field, json)}, not ${shown(json)}`);
  }

  #fits(field: DescField, json: unknown): boolean {
    const value = field.fieldKind === 'list' ? [json] : field.fieldKind === 'map' ? { [anyKey(field)]: json } : json;
    return this.#reads(field.parent, { [field.jsonName]: value });
  }

  #checkKeys(field: DescField & { fieldKind: 'map' }, keys: readonly string[], path: Path): void {
    for (const key of keys) {
      const isRight = field.mapKey === ScalarType.STRING || this.#readsKey(field, key);
      if (!isRight) this.#problem([...path, key], `the key must be ${WORDS[field.mapKey] ?? 'a whole number'}`);
    }
  }

  #readsKey(field: DescField & { fieldKind: 'map' }, key: string): boolean {
    if (field.mapKey === ScalarType.BOOL) return key === 'true' || key === 'false';
    return /^-?\d+$/.test(key);
  }

  #reads(type: DescMessage, json: unknown): boolean {
    try {
      fromJson(type, json as JsonValue, { registry: this.#registry });
      return true;
    } catch {
      return false;
    }
  }

  #ownForm(type: DescMessage, value: unknown, path: Path): readonly Part[] {
    const parts = jsonParts(value);
    if (parts.every(isText) && !this.#reads(type, JSON.parse(parts.join('')))) {
      return this.#problem(
        path,
        `must be ${type.typeName} as it is written in JSON${exampleOf(type)}, not ${shown(value)}`,
      );
    }
    return parts;
  }
}

const isRequired = ({ presence }: DescField) => presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
const isText = (part: Part): part is string => typeof part === 'string';
const hasOwnForm = ({ typeName }: DescMessage) => OWN_FORM.test(typeName);

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function joined(open: string, all: readonly (readonly Part[])[], close: string): readonly Part[] {
  return [open, ...all.flatMap((parts, i) => (i === 0 ? parts : [',', ...parts])), close];
}

function quoted(template: Template): readonly Part[] {
  const inner = template.map((part) => (isText(part) ? JSON.stringify(part).slice(1, -1) : part));
  return ['"', ...inner, '"'];
}

/** JSON whose texts may hold placeholders; those have been looked at before. */
function jsonParts(value: unknown): readonly Part[] {
  if (typeof value === 'string') {
    const template = parseTemplate(value);
    if (typeof template === 'string') return [JSON.stringify(value)];
    return template.length === 1 && isNumeric(template[0]) ? template : quoted(template);
  }
  if (Array.isArray(value)) return joined('[', value.map(jsonParts), ']');
  if (!isMap(value)) return [JSON.stringify(typeof value === 'bigint' ? String(value) : value) ?? 'null'];
  const entries = Object.entries(value).map(([key, one]) => [`${JSON.stringify(key)}:`, ...jsonParts(one)]);
  return joined('{', entries, '}');
}

function unknownField({ typeName, fields }: DescMessage, key: string): string {
  const names = fields.map(({ name }) => name);
  const guess = nearest(key, names);
  const hint = guess === undefined ? `its fields: ${listed(names) || 'none'}` : `did you mean ${guess}?`;
  return `${typeName} has no field ${key}; ${hint}`;
}

function isOf(type: DescEnum, json: unknown): boolean {
  return typeof json === 'number' ? Number.isInteger(json) : type.values.some(({ name }) => name === json);
}

function inWords({ scalar, enum: type }: DescField, json: unknown): string {
  if (type === undefined)
    return WORDS[scalar as ScalarType] ?? `a whole number (${ScalarType[scalar as ScalarType].toLowerCase()})`;
  const names = type.values.map(({ name }) => name);
  const guess = typeof json === 'string' ? nearest(json, names) : undefined;
  return guess ?? `one of ${listed(names)}`;
}

function anyKey(field: DescField): string {
  if (field.fieldKind !== 'map' || field.mapKey === ScalarType.STRING) return 'a';
  return field.mapKey === ScalarType.BOOL ? 'true' : '1';
}

function exampleOf({ typeName }: DescMessage): string {
  if (typeName.endsWith('.Timestamp')) return ', such as "2026-01-31T12:00:00Z"';
  return typeName.endsWith('.Duration') ? ', such as "1.5s"' : '';
}
