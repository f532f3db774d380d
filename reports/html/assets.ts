import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Everything that the page needs is put into it, so that it is one file that asks nothing of a network. */
export interface Assets {
  readonly style: string;
  /** Classic scripts, in order. */
  readonly scripts: readonly string[];
}

const MODULES = ['charts.js', 'heat-map.js', 'distribution.js', 'tables.js', 'page.js'];

let assets: Assets | undefined;

/** Read once. */
export function loadAssets(): Assets {
  assets ??= {
    style: [textAt(import.meta.resolve('uplot/dist/uPlot.min.css')), own('page.css')].join('\n'),
    scripts: [
      `/* uPlot, (c) Leon Sorokin, MIT licence */\n${textAt(import.meta.resolve('uplot/dist/uPlot.iife.min.js'))}`,
      joined(MODULES),
    ],
  };
  return assets;
}

function own(file: string): string {
  return textAt(new URL(`../web/${file}`, import.meta.url).href);
}

function textAt(url: string): string {
  return readFileSync(fileURLToPath(url), 'utf8');
}

/**
 * The modules of reports/web as one script, each in a function of its own. They keep to what this can do: named
 * imports from each other, in the order of {@link MODULES}, and named exports of functions and constants.
 */
function joined(files: readonly string[]): string {
  const modules = files.map((file) => {
    const source = own(file);
    const names = [...source.matchAll(/^export (?:function|const) (\w+)/gm)].map(([, name]) => name);
    const body = source
      .replaceAll(/^import \{([^}]*)\} from '\.\/([\w-]+\.js)';$/gm, "const {$1} = modules['$2'];")
      .replaceAll(/^export /gm, '');
    return `modules['${file}'] = (() => {\n${body}\nreturn { ${names.join(', ')} };\n})();`;
  });
  return `(() => {\n'use strict';\nconst modules = {};\n${modules.join('\n')}\n})();`;
}
