import { FLAG_WORDS, type ParamWords } from '../../plan/params/settings.ts';

/** What those who replace parts of a plan call them, for messages. */
export interface OverrideNames {
  readonly host: string;
  readonly vus: string;
  readonly spawnRate: string;
  readonly duration: string;
  /** Undefined where no stages can be given. */
  readonly stage: string | undefined;
  readonly params: ParamWords;
}

export const FLAG_NAMES: OverrideNames = {
  host: '--host',
  vus: '--vus',
  spawnRate: '--spawn-rate',
  duration: '--duration',
  stage: '--stage',
  params: FLAG_WORDS,
};

/** The names that `overrides` has in requests over HTTP. */
export const FIELD_NAMES: OverrideNames = {
  host: '`host`',
  vus: '`vus`',
  spawnRate: '`spawnRate`',
  duration: '`runTime`',
  stage: undefined,
  params: {
    origin: '`params`',
    called: (name) => `\`params.${name}\``,
    waysToGive: (name) => `in \`params.${name}\``,
  },
};
