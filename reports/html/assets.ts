import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { joined, webFile } from './joined.ts';

/** Everything that the page needs is put into it, so that it is one file that asks nothing of a network. */
export interface Assets {
  readonly style: string;
  /** Classic scripts, in order. */
  readonly scripts: readonly string[];
}

let assets: Assets | undefined;

/** Read once. */
export function loadAssets(): Assets {
  assets ??= { style: chartStyle(), scripts: [chartLibrary(), joined('page.js')] };
  return assets;
}

/** The style of every page with charts. */
export function chartStyle(): string {
  return [
    packageFile(import.meta.resolve('uplot/dist/uPlot.min.css')),
    webFile('charts.css'),
    webFile('page.css'),
  ].join('\n');
}

/** uPlot, which the modules find as a global. */
export function chartLibrary(): string {
  const source = packageFile(import.meta.resolve('uplot/dist/uPlot.iife.min.js'));
  return `/* uPlot, (c) Leon Sorokin, MIT licence */\n${source}`;
}

/** @param url of a file of a package */
export function packageFile(url: string): string {
  return readFileSync(fileURLToPath(url), 'utf8');
}
