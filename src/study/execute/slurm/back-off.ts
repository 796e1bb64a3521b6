/** Waiting times that grow while nothing happens and begin anew when something does, to be gentle to a shared controller. */
export interface BackOff {
  next(happened: boolean): number;
}

export function backOff({ leastMs, mostMs, factor = 1.5 }: { leastMs: number; mostMs: number; factor?: number }): BackOff {
  let wait = leastMs;
  return {
    next(happened) {
      wait = happened ? leastMs : Math.min(mostMs, wait * factor);
      return wait;
    },
  };
}
