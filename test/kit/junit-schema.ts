/**
 * What both common schemas of JUnit XML ask for, as a check of a parsed document: Apache Ant's JUnit task (JUnit.xsd,
 * Windy Road) and Jenkins' xUnit plugin (junit-10.xsd).
 */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface Rule {
  /** Attributes by the form of their value; all must be there. */
  readonly attributes: Readonly<Record<string, RegExp>>;
  /** Children in order, each with how often it may come. */
  readonly children: readonly (readonly [names: readonly string[], least: number, most: number])[];
  readonly hasText?: boolean;
}

const ANY = /^/;
const NAME = /./s;
const COUNT = /^\d+$/;
const SECONDS = /^\d+(\.\d+)?$/;

const RULES: Readonly<Record<string, Rule>> = {
  testsuites: { attributes: {}, children: [[['testsuite'], 0, Number.POSITIVE_INFINITY]] },
  testsuite: {
    attributes: {
      name: NAME,
      package: NAME,
      id: COUNT,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      hostname: NAME,
      tests: COUNT,
      failures: COUNT,
      errors: COUNT,
      skipped: COUNT,
      time: SECONDS,
    },
    children: [
      [['properties'], 1, 1],
      [['testcase'], 0, Number.POSITIVE_INFINITY],
      [['system-out'], 1, 1],
      [['system-err'], 1, 1],
    ],
  },
  properties: { attributes: {}, children: [[['property'], 0, Number.POSITIVE_INFINITY]] },
  property: { attributes: { name: NAME, value: ANY }, children: [] },
  testcase: {
    attributes: { name: NAME, classname: NAME, time: SECONDS },
    children: [[['skipped', 'error', 'failure'], 0, 1]],
  },
  skipped: { attributes: {}, children: [], hasText: true },
  error: { attributes: { message: ANY, type: NAME }, children: [], hasText: true },
  failure: { attributes: { message: ANY, type: NAME }, children: [], hasText: true },
  'system-out': { attributes: {}, children: [], hasText: true },
  'system-err': { attributes: {}, children: [], hasText: true },
};

/** Everything in which the document is not as the schemas have it. */
export function junitFaults(element: XmlElement, path = element.name): string[] {
  const rule = RULES[element.name];
  if (rule === undefined) return [`${path} is not known`];
  const faults = Object.entries(rule.attributes).flatMap(([name, form]) => {
    const value = element.attributes[name];
    return value !== undefined && form.test(value) ? [] : [`${path}/@${name} is ${value}`];
  });
  for (const name of Object.keys(element.attributes)) {
    if (!(name in rule.attributes)) faults.push(`${path}/@${name} is not known`);
  }
  if (element.text.trim() !== '' && !rule.hasText) faults.push(`${path} holds text`);
  let next = 0;
  for (const [names, least, most] of rule.children) {
    let found = 0;
    while (found < most && names.includes(element.children[next]?.name ?? '')) {
      next++;
      found++;
    }
    if (found < least) faults.push(`${path} lacks ${names.join(' or ')}`);
  }
  if (next < element.children.length) faults.push(`${path} has ${element.children[next]?.name} where it may not be`);
  return [...faults, ...element.children.flatMap((child, i) => junitFaults(child, `${path}/${child.name}[${i}]`))];
}
