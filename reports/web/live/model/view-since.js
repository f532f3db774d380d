// RESET VIEW: figures since a moment, in this page only. Counts are differences; averages and maxima are summed up from then on.

/** Takes the present figures as the new beginning. */
export function startView({ second }) {
  const { requests, errors } = second.ops;
  return {
    fromSecond: second.second,
    base: {
      all: { requests: second.all.requests, errors: second.all.errors },
      requests: [...requests],
      errors: [...errors],
    },
    ops: { sumUs: [], count: [], maxUs: [] },
    all: { sumUs: 0, count: 0, maxUs: 0 },
  };
}

export function addToView({ ops, all }, second) {
  add(all, second.all.rps, second.all.avgUs, second.all.maxUs);
  for (const [i, rps] of second.ops.rps.entries()) {
    ops.count[i] = (ops.count[i] ?? 0) + rps;
    ops.sumUs[i] = (ops.sumUs[i] ?? 0) + rps * second.ops.avgUs[i];
    ops.maxUs[i] = Math.max(ops.maxUs[i] ?? 0, second.ops.maxUs[i]);
  }
}

function add(to, count, avgUs, maxUs) {
  to.count += count;
  to.sumUs += count * avgUs;
  to.maxUs = Math.max(to.maxUs, maxUs);
}

/** Figures of an operation, or of all without an index, since the view began. Percentiles cannot be taken apart: they are null. */
export function sinceView(view, second, i) {
  const now = i === undefined ? second.all : { requests: second.ops.requests[i], errors: second.ops.errors[i] };
  const base =
    i === undefined ? view.base.all : { requests: view.base.requests[i] ?? 0, errors: view.base.errors[i] ?? 0 };
  const sums =
    i === undefined
      ? view.all
      : { sumUs: view.ops.sumUs[i] ?? 0, count: view.ops.count[i] ?? 0, maxUs: view.ops.maxUs[i] ?? 0 };
  return {
    requests: now.requests - base.requests,
    errors: now.errors - base.errors,
    avgUs: sums.count === 0 ? null : sums.sumUs / sums.count,
    maxUs: sums.count === 0 ? null : sums.maxUs,
  };
}
