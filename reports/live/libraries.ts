import { chartLibrary, packageFile } from '../html/assets.ts';

/** `import{options as n}from"preact";` */
const IMPORT = /import\{([^}]*)\}from"([^"]+)";/g;
/** `export{x as Component,k as h};` */
const EXPORT = /export\s*\{([^}]*)\};?/;
const DEFAULT = /export default /;

/** What the page is drawn with, as one classic script that leaves `uPlot` and `libraries` as globals. */
export function libraries(): string {
  return [
    chartLibrary(),
    'globalThis.libraries = {};',
    library('preact', import.meta.resolve('preact'), 'preact, (c) Jason Miller, MIT licence'),
    library('preact/hooks', import.meta.resolve('preact/hooks'), 'preact/hooks, (c) Jason Miller, MIT licence'),
    library('htm', import.meta.resolve('htm'), 'htm, (c) Jason Miller, Apache-2.0 licence'),
  ].join('\n');
}

/** A minified ES module as a function's result: it has one list of exports at its end, or one default. */
function library(name: string, url: string, notice: string): string {
  const body = packageFile(url)
    .replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '')
    .replaceAll(
      IMPORT,
      (_, names: string, from: string) => `const{${names.replaceAll(' as ', ':')}}=libraries['${from}'];`,
    )
    .replace(EXPORT, (_, names: string) => `return{${names.replaceAll(/([\w$]+) as (\w+)/g, '$2:$1')}};`)
    .replace(DEFAULT, 'return ');
  return `/* ${notice} */\nlibraries['${name}']=(()=>{${body}})();`;
}
