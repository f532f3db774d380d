import { relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fillParams } from '../../plan/params/fill.ts';
import { formatPath, type PlanProblem } from '../../plan/problem.ts';
import { isBelow, isInside, realPath } from '../../plan-files.ts';
import { placesIn } from '../../secrets/reference.ts';
import type { PlanFile, PlanRights } from '../plans/plan-file.ts';
import { fileOf, filesIn } from './named-files.ts';

export interface SenderRules {
  /** The folder of plans; undefined where there is none, and then nobody may name a file. */
  readonly folder: string | undefined;
  /** Only variables whose names begin so may be named; undefined: none. */
  readonly variablePrefix: string | undefined;
}

type Named = PlanProblem & { readonly isCode: boolean };

/** What the author of a plan in the folder names, with the defaults of its parameters. */
interface Authors {
  readonly source: unknown;
  /** {@link keyOf} all that a sender could not name. */
  readonly named: ReadonlySet<string>;
}

/**
 * What a plan may name that came over the network, or whose target or parameters did. Whoever sends them need not be the user whose
 * files and variables this process can read: a plan could send them to a target of its author's choice. It is judged as it will
 * run: a text may name something only once its parameters are filled in.
 *
 * A plan of the folder may name whatever its author likes, as long as that goes where its author says: with another target or
 * other parameters, only its code is its author's still.
 */
export class SenderRights implements PlanRights {
  readonly #rules: SenderRules;
  readonly #baseDirectory: string;
  readonly #sender: string;
  /** Undefined for a plan that came over the network. */
  readonly #authors: Authors | undefined;

  /** @param isSent whether the plan itself came over the network */
  constructor({ source, baseDirectory }: PlanFile, isSent: boolean, rules: SenderRules) {
    this.#rules = rules;
    this.#baseDirectory = baseDirectory;
    this.#sender = isSent ? 'a plan that was sent' : 'a plan whose target or parameters were sent';
    if (isSent) return;
    const own = fillParams(source, {}, {}).source;
    this.#authors = { source: own, named: new Set(this.#found(own).map(keyOf)) };
  }

  problems(source: unknown): PlanProblem[] {
    const found = this.#found(source);
    const authors = this.#authors;
    if (authors === undefined) return found;
    const isAsWritten = goesWhere(source, authors.source);
    return found.filter((named) => !((named.isCode || isAsWritten) && authors.named.has(keyOf(named))));
  }

  problemOf(name: string, source: unknown): string | undefined {
    const authors = this.#authors;
    if (authors !== undefined && goesWhere(source, authors.source)) return undefined;
    const what = name.includes('://') ? 'the address' : 'the file';
    return this.#refusal(what, name, fileOf(name, this.#baseDirectory));
  }

  #found(source: unknown): Named[] {
    const files = filesIn(source, this.#baseDirectory).flatMap(({ what, name, path, isCode, file }) => {
      const message = this.#refusal(what, name, file);
      return message === undefined ? [] : [{ path, message, isCode }];
    });
    const variables = [...placesIn(source, [])].flatMap(({ reference: { kind, name }, path }) => {
      const message = kind === 'env' ? this.#refusalOf(name) : undefined;
      return message === undefined ? [] : [{ path: formatPath(path), message, isCode: false }];
    });
    return [...files, ...variables];
  }

  #refusal(what: string, name: string, file: string | undefined): string | undefined {
    const { folder } = this.#rules;
    const refused = `${what} ${name} may not be named by ${this.#sender}`;
    if (file === undefined) {
      return `${refused}: no part of it may be \${env:…} or \${file:…}, other than user and password of an address`;
    }
    if (folder === undefined) return `${refused}: there is no folder of plans: start control with --plans`;
    if (!isBelow(realPath(file), folder)) return `${refused}: it must lie below ${folder}`;
    return isHidden(file, folder) ? `${refused}: it is hidden` : undefined;
  }

  #refusalOf(variable: string): string | undefined {
    const { variablePrefix: prefix } = this.#rules;
    if (prefix !== undefined && variable.startsWith(prefix)) return undefined;
    const may = prefix === undefined ? 'start control with --secrets and a prefix' : `it must begin with ${prefix}`;
    return `the variable ${variable} may not be named by ${this.#sender}: ${may}`;
  }
}

/**
 * Such as `.env` and what is in `.git`: a folder of plans may be that of a whole project. What counts is below the folder: the
 * file's name, and where it leads.
 */
function isHidden(file: string, folder: string): boolean {
  const realFolder = realPath(folder);
  // The plan's own folder may have been resolved, and not the one that control was given; or the other way round.
  const writtenBelow = [folder, realFolder].find((place) => isInside(file, place));
  return (
    hasHiddenName(relative(realFolder, realPath(file))) ||
    (writtenBelow !== undefined && hasHiddenName(relative(writtenBelow, file)))
  );
}

/** `..data` is what Kubernetes mounts. */
function hasHiddenName(path: string): boolean {
  return path.split(sep).some((name) => /^\.[^.]/.test(name));
}

/** Whether two plans have the same target and the same parameters. */
function goesWhere(plan: unknown, other: unknown): boolean {
  const [one, two] = [plan, other].map((source) => {
    const { target, params } = Object(source) as { target?: unknown; params?: unknown };
    return { target, params };
  });
  return isDeepStrictEqual(one, two);
}

function keyOf({ path, message }: PlanProblem): string {
  return `${path} ${message}`;
}
