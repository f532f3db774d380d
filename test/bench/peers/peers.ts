import { autocannon } from './autocannon.ts';
import { h2load } from './h2load.ts';
import { hey } from './hey.ts';
import { k6 } from './k6.ts';
import { locust } from './locust.ts';
import { oha } from './oha.ts';
import type { Peer } from './peer.ts';
import { wrk } from './wrk.ts';

/** All peers that the benchmark knows, by program; the first that is there is the one that every runtime is held against. */
export const peers: readonly Peer[] = [wrk, oha, autocannon, h2load, hey, k6, locust];
